#!/usr/bin/env bash
# Grades in the cluster that kubectl is set to, and folds the results. Written by
# `cargo xtask grade plan --for kubernetes`. Run again, it goes on from the results that are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
run=<<name>>

# Waits for the end of the job $1, which comes by itself within $2 seconds: at its deadline, if not before.
ended() {
    local latest=$((SECONDS + $2))
    until [[ $(kubectl get job "$1" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}') =~ (Complete|Failed) ]]; do
        if ((SECONDS > latest)); then
            echo "the job $1 has not ended; see \`kubectl describe job $1\`" >&2
            exit 1
        fi
        sleep 10
    done
}

# A job cannot be started a second time.
kubectl delete job --ignore-not-found "$run" "$run-merge"
kubectl apply --filename grade.yaml
ended "$run" <<seconds>>
# Also when a shard has failed: the others' results are there, and who has none is told.
kubectl apply --filename merge.yaml
ended "$run-merge" 1800
kubectl logs "job/$run-merge"
echo "the class: /results/$run/class on the claim of the results"
