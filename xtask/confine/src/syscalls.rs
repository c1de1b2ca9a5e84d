//! Which system calls a program may use: seccomp.
//!
//! A list of what is refused, since what runtimes and libraries need changes from version to version. What it is about:
//! no second process, no hand on another one, no new namespace, no socket but those of the Internet protocols.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refused with whatever arguments.
const REFUSED: &[c_long] = &[
    // Other processes: to become a daemon, and to look into them.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_tkill,
    libc::SYS_ptrace,
    libc::SYS_kcmp,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_perf_event_open,
    // Their share of the machine.
    libc::SYS_setpriority,
    libc::SYS_ioprio_set,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setaffinity,
    // Programs out of memory, where no rule for files sees them.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    // Namespaces and mounts.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // What System V and POSIX share between all processes of a user.
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
    // The kernel itself.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_fanotify_init,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
];

/// What only older architectures have.
#[cfg(target_arch = "x86_64")]
const OLD: &[c_long] =
    &[libc::SYS_fork, libc::SYS_vfork, libc::SYS_modify_ldt, libc::SYS_iopl, libc::SYS_ioperm];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];

/// With this bit a number means the same call of the x32 ABI.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// Keeps this process, and what it becomes, from these calls.
pub(super) fn restrict() -> Result<()> {
    // glibc takes that for an old kernel, and makes threads with `clone`, whose flags a filter can see.
    let absent = Rules::from([(libc::SYS_clone3, Vec::new())]);
    let refused = refused()?;
    for (rules, errno) in [(refused, libc::EPERM), (absent, libc::ENOSYS)] {
        let errno = u32::try_from(errno)?;
        let arch = std::env::consts::ARCH.try_into().context("no filter for this architecture")?;
        let rules = also_as_x32(rules);
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)?;
        apply_filter(&BpfProgram::try_from(filter)?)?;
    }
    Ok(())
}

fn refused() -> Result<Rules> {
    use SeccompCmpOp::{Eq, MaskedEq, Ne};
    let own = u64::from(std::process::id());
    let flag = |flag: libc::c_int| u64::try_from(flag);
    let mut rules: Rules = REFUSED.iter().chain(OLD).map(|&call| (call, Vec::new())).collect();
    // Processes, as far as they are no threads.
    let thread = flag(libc::CLONE_THREAD)?;
    rules.insert(libc::SYS_clone, vec![when([(0, MaskedEq(thread), 0)])?]);
    // Signals to anybody else.
    for call in [libc::SYS_kill, libc::SYS_tgkill, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo] {
        rules.insert(call, vec![when([(0, Ne, own)])?]);
    }
    // Limits of anybody else.
    rules.insert(libc::SYS_prlimit64, vec![when([(0, Ne, 0), (0, Ne, own)])?]);
    // By a socket of the file system a daemon of the machine could be asked for a favour.
    let (v4, v6) = (flag(libc::AF_INET)?, flag(libc::AF_INET6)?);
    let raw = flag(libc::SOCK_RAW)?;
    rules.insert(libc::SYS_socket, vec![when([(0, Ne, v4), (0, Ne, v6)])?, when([(1, MaskedEq(0xf), raw)])?]);
    // To type into a terminal.
    let typing = [libc::TIOCSTI, libc::TIOCLINUX].map(|request| when([(1, Eq, request)]));
    rules.insert(libc::SYS_ioctl, typing.into_iter().collect::<Result<_>>()?);
    Ok(rules)
}

/// Holds when all of the `conditions` do: the argument, how it is compared, and with what.
fn when<const N: usize>(conditions: [(u8, SeccompCmpOp, u64); N]) -> Result<SeccompRule> {
    // The upper half is no part of an `int`, and not looked at by the kernel either.
    let condition =
        |(argument, op, value)| SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, value);
    let conditions = conditions.into_iter().map(condition).collect::<Result<Vec<_>, _>>()?;
    Ok(SeccompRule::new(conditions)?)
}

#[cfg(target_arch = "x86_64")]
fn also_as_x32(rules: Rules) -> Rules {
    rules.into_iter().flat_map(|(call, rules)| [(call, rules.clone()), (call | X32, rules)]).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn also_as_x32(rules: Rules) -> Rules {
    rules
}
