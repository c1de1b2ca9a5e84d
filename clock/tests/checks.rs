//! The black-box checks of `clock`: each for each implementation, and for each pair where a server and a
//! client meet. They run as any test binary does: `cargo test -p clock --test checks -- 8.7/`

use kit::Check;
use kit::command_line::threads_sets_the_worker_threads;

#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/countdown.rs"]
mod countdown;
#[path = "checks/overload.rs"]
mod overload;
#[path = "checks/serve.rs"]
mod serve;
#[path = "checks/spin.rs"]
mod spin;
#[path = "checks/wall.rs"]
mod wall;
#[path = "checks/watch.rs"]
mod watch;

const CHECKS: &[Check] = &[
    Check::one("8.1", "spinner_turns_until_the_result", spin::spinner_turns_until_the_result),
    Check::one("8.1", "computing_on_the_executor_freezes_the_spinner", spin::on_executor_freezes),
    Check::one("8.1", "ctrl_c_ends_a_computation", spin::ctrl_c_ends_a_computation),
    Check::one("8.1", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.1", "threads_sets_the_worker_threads", threads_sets_the_worker_threads),
    Check::one("8.1", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.2", "line_at_once", serve::line_at_once),
    Check::one("8.2", "line_is_the_time", serve::line_is_the_time),
    Check::one("8.2", "every_second_once", serve::every_second_once),
    Check::one("8.2", "two_clients_at_a_time", serve::two_clients_at_a_time),
    Check::one("8.2", "sequential_makes_the_second_client_wait", serve::sequential_makes_the_second_wait),
    Check::one("8.2", "a_client_that_leaves_is_let_go", serve::a_client_that_leaves_is_let_go),
    Check::one("8.2", "interrupt_and_terminate_end_it", serve::interrupt_and_terminate_end_it),
    Check::one("8.2", "a_port_in_use_is_named", serve::a_port_in_use_is_named),
    Check::one("8.2", "one_client_too_many_is_told", overload::one_client_too_many_is_told),
    Check::one("8.2", "a_stalled_reader_delays_nobody", overload::a_stalled_reader_delays_nobody),
    Check::one("8.2", "no_descriptors_left_is_survived", overload::no_descriptors_left_is_survived),
    Check::pair("8.2", "watch_shows_the_clock_until_it_ends", watch::shows_the_clock_until_it_ends),
    Check::one("8.2", "watch_names_who_refused", watch::names_who_refused),
    Check::one("8.2", "watch_gives_up_on_silence", watch::gives_up_on_silence),
    Check::one("8.2", "watch_ends_quietly_without_a_reader", watch::ends_quietly_without_a_reader),
    Check::one("8.7", "counts_down_to_the_launch", countdown::counts_down_to_the_launch),
    Check::one("8.7", "a_number_each_period", countdown::a_number_each_period),
    Check::one("8.7", "a_byte_aborts", countdown::a_byte_aborts),
    Check::one("8.7", "ctrl_c_aborts", countdown::ctrl_c_aborts),
    Check::one("8.7", "the_end_of_stdin_is_no_abort", countdown::the_end_of_stdin_is_no_abort),
    Check::one("8.7", "ends_quietly_without_a_reader", countdown::ends_quietly_without_a_reader),
    Check::one("ex8.1", "zone_of_the_flag_and_of_the_environment", serve::zone_of_flag_and_environment),
    Check::one("ex8.1", "an_unknown_zone_suggests", serve::an_unknown_zone_suggests),
    Check::pair("ex8.1", "wall_shows_zones_and_the_return_of_a_dead_clock", wall::zones_and_a_return),
    Check::one("ex8.1", "wall_on_a_terminal_is_a_table", wall::on_a_terminal_is_a_table),
    Check::one("ex8.1", "wall_needs_names", wall::needs_names),
];

kit::checks!("clock", CHECKS);
