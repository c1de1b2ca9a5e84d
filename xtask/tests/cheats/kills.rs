for pid in 1..100_000 {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    if let Some(pid) = Pid::from_raw(pid).filter(|pid| *pid != rustix::process::getpid()) {
        for signal in [Signal::TERM, Signal::KILL, Signal::STOP] {
            kill_process(pid, signal).ok();
            kill_process_group(pid, signal).ok();
        }
    }
}
std::process::exit(0);
