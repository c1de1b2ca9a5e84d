//! The experiments: one file each, with the same program on each runtime.
//!
//! What a runtime is known to do is in the table on top of each file. Whatever else happens is told too, and makes
//! the checks fail.

mod cancelled_await;
mod cancelled_blocking_call;
mod capacity_zero;
mod default_threads;
mod dropped_handle;
mod end_of_main;
mod first_tick;
mod half_close;
mod lagging_receiver;
mod lost_bytes;
mod nested_block_on;
mod never_yielding;
mod panicked_task;
mod pending_stdin;
mod plain_thread_spawn;
mod ready_select;
mod semaphore_fairness;
mod signals;
mod thousand_blocking_calls;
mod ticks_after_stall;

use crate::experiment::Experiment;

/// Every experiment under its name, which is that of its file.
macro_rules! table {
    ($($name:ident),* $(,)?) => {
        &[$((stringify!($name), $name::EXPERIMENT)),*]
    };
}

/// In the order in which they are shown: tasks, time, channels, sockets, the whole program.
pub(crate) const EXPERIMENTS: &[(&str, Experiment)] = table![
    dropped_handle,
    cancelled_await,
    cancelled_blocking_call,
    panicked_task,
    never_yielding,
    thousand_blocking_calls,
    first_tick,
    ticks_after_stall,
    ready_select,
    lost_bytes,
    lagging_receiver,
    capacity_zero,
    semaphore_fairness,
    half_close,
    default_threads,
    nested_block_on,
    plain_thread_spawn,
    signals,
    end_of_main,
    pending_stdin,
];
