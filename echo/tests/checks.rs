//! The black-box checks of `echo`: each for each implementation, and for each pair where a server and a
//! client meet. They run as any test binary does: `cargo test -p echo --test checks -- ex8.8/`

use kit::Check;
use kit::command_line::threads_sets_the_worker_threads;

#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/connect.rs"]
mod connect;
#[path = "checks/ends.rs"]
mod ends;
#[path = "checks/idle.rs"]
mod idle;
#[path = "checks/overload.rs"]
mod overload;
#[path = "checks/serve.rs"]
mod serve;

const CHECKS: &[Check] = &[
    Check::one("8.3", "answers_each_line_three_times", serve::answers_each_line_three_times),
    Check::one("8.3", "a_carriage_return_belongs_to_the_newline", serve::carriage_return),
    Check::one("8.3", "letters_beyond_ascii_change_case", serve::letters_beyond_ascii_change_case),
    Check::one("8.3", "bytes_that_are_not_utf_8_pass_unchanged", serve::not_utf_8_passes_unchanged),
    Check::one("8.3", "a_line_may_come_in_parts", serve::a_line_may_come_in_parts),
    Check::one("8.3", "the_delay_is_between_the_answers", serve::the_delay_is_between_the_answers),
    Check::one("8.3", "shouts_overlap", serve::shouts_overlap),
    Check::one("8.3", "sequential_answers_one_line_after_another", serve::sequential_is_one_after_another),
    Check::one("8.3", "without_a_delay_answers_are_in_order", serve::without_a_delay_in_order),
    Check::one("8.3", "two_clients_at_a_time", serve::two_clients_at_a_time),
    Check::one("8.3", "nc_is_a_client", serve::nc_is_a_client),
    Check::one("8.3", "a_port_in_use_is_named", serve::a_port_in_use_is_named),
    Check::one("8.3", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.3", "threads_sets_the_worker_threads", threads_sets_the_worker_threads),
    Check::one("8.3", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.3", "one_client_too_many_is_told", overload::one_client_too_many_is_told),
    Check::one("8.3", "the_longest_line_is_answered", overload::the_longest_line_is_answered),
    Check::one("8.3", "a_line_without_end_is_told_and_dropped", overload::a_line_without_end),
    Check::one("8.3", "who_is_let_go_while_sending_loses_no_answers", overload::let_go_loses_no_answers),
    Check::one("8.3", "who_is_let_go_sees_the_end_at_once", overload::let_go_sees_the_end_at_once),
    Check::one("8.3", "max_shouts_stops_reading", overload::max_shouts_stops_reading),
    Check::one("8.3", "who_never_reads_makes_no_memory_grow", overload::who_never_reads),
    Check::one("8.3", "who_never_reads_is_dropped", overload::who_never_reads_is_dropped),
    Check::one("8.3", "who_sends_without_end_delays_nobody", overload::who_sends_without_end),
    Check::one("8.3", "a_client_that_leaves_is_let_go", overload::a_client_that_leaves_is_let_go),
    Check::one("8.3", "no_descriptors_left_is_survived", overload::no_descriptors_left_is_survived),
    Check::one("8.3", "interrupt_and_terminate_answer_what_is_pending", ends::pending_is_answered),
    Check::one("8.3", "an_interrupt_waits_for_nobody_idle", ends::waits_for_nobody_idle),
    Check::one("8.3", "an_interrupt_stops_reading", ends::stops_reading),
    Check::one("8.3", "an_interrupt_waits_for_the_grace_at_most", ends::the_grace_at_most),
    Check::pair("8.3", "connect_sends_and_shows_at_the_same_time", connect::both_ways),
    Check::pair("8.3", "connect_loses_nothing", connect::loses_nothing),
    Check::pair("8.3", "connect_ends_when_the_server_does", connect::ends_when_the_server_does),
    Check::one("8.3", "connect_talks_to_a_plain_socket", connect::talks_to_a_plain_socket),
    Check::one("8.3", "connect_names_who_refused", connect::names_who_refused),
    Check::one("8.3", "connect_names_whom_it_lost", connect::names_whom_it_lost),
    Check::one("8.3", "connect_ends_quietly_without_a_reader", connect::ends_quietly_without_a_reader),
    Check::one("8.3", "ctrl_c_ends_connect", connect::ctrl_c_ends_it),
    Check::pair("ex8.3", "the_end_of_stdin_closes_the_write_half_alone", connect::half_close),
    Check::one("ex8.4", "half_close_keeps_pending_echoes", ends::half_close_keeps_pending_echoes),
    Check::one("ex8.4", "the_last_line_needs_no_newline", ends::the_last_line_needs_no_newline),
    Check::one("ex8.8", "an_idle_client_is_told_and_dropped", idle::told_and_dropped),
    Check::one("ex8.8", "who_waits_for_echoes_is_not_idle", idle::who_waits_is_not_idle),
    Check::one("ex8.8", "who_sends_is_not_idle", idle::who_sends_is_not_idle),
    Check::one("ex8.8", "a_stop_of_the_server_is_no_silence", idle::a_stop_is_no_silence),
    Check::one("ex8.8", "no_timeout_is_for_ever", idle::no_timeout_is_for_ever),
    Check::one("ex8.8", "the_end_of_input_is_seen_at_once", idle::the_end_is_seen_at_once),
];

kit::checks!("echo", CHECKS);
