#!/usr/bin/env bash
# Grades on Slurm: an array of <<shards>>, then what folds their results. Written by
# `cargo xtask grade plan --for slurm`.
set -euo pipefail
plan=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd <<root>>

# Nodes may be without a network, and the runner is built once.
cargo fetch --locked
cargo build --locked --package xtask
job=$(sbatch --parsable "$plan/grade.sbatch")
# The cluster's name may follow the number. Also when a shard has failed: the others' results are there.
sbatch --dependency="afterany:${job%%;*}" "$plan/merge.sbatch"
