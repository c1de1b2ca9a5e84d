//! The black-box checks of `chat`: each for each implementation, and for each pair where a server and a
//! client meet. They run as any test binary does: `cargo test -p chat --test checks -- ex8.15/`

use kit::Check;
use kit::command_line::threads_sets_the_worker_threads;

#[path = "checks/bounds.rs"]
mod bounds;
#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/end.rs"]
mod end;
#[path = "checks/guest.rs"]
mod guest;
#[path = "checks/join.rs"]
mod join;
#[path = "checks/names.rs"]
mod names;
#[path = "checks/room.rs"]
mod room;
#[path = "checks/slow.rs"]
mod slow;
#[path = "checks/terminal.rs"]
mod terminal;

const CHECKS: &[Check] = &[
    Check::one("8.10", "all_hear_what_is_said", room::all_hear_what_is_said),
    Check::one("8.10", "all_hear_the_same_order", room::all_hear_the_same_order),
    Check::one("8.10", "arrivals_and_departures_are_told", room::arrivals_and_departures_are_told),
    Check::one("8.10", "the_end_of_input_is_a_departure", room::the_end_of_input_is_a_departure),
    Check::one("8.10", "the_last_line_needs_no_newline", room::the_last_line_needs_no_newline),
    Check::one("8.10", "nc_is_a_client", room::nc_is_a_client),
    Check::one("8.10", "control_characters_are_stripped", room::control_characters_are_stripped),
    Check::one("8.10", "malformed_text_is_replaced", room::malformed_text_is_replaced),
    Check::one("8.10", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.10", "threads_sets_the_worker_threads", threads_sets_the_worker_threads),
    Check::one("8.10", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.10", "a_line_too_long_ends_the_visit", bounds::a_line_too_long_ends_the_visit),
    Check::one("8.10", "who_is_let_go_while_sending_loses_no_messages", bounds::let_go_loses_no_messages),
    Check::one("8.10", "a_megabyte_without_a_newline_is_survived", bounds::a_megabyte_without_a_newline),
    Check::one("8.10", "above_the_rate_reading_pauses", bounds::above_the_rate_reading_pauses),
    Check::one("8.10", "one_client_too_many_is_told", bounds::one_client_too_many_is_told),
    Check::one("8.10", "500_clients_come_talk_and_go", end::five_hundred_come_talk_and_go),
    Check::one("8.10", "interrupt_delivers_what_was_said", end::interrupt_delivers_what_was_said),
    Check::one("8.10", "a_stalled_client_ends_with_the_grace", end::a_stalled_client_ends_with_the_grace),
    Check::one("8.10", "a_port_in_use_is_named", end::a_port_in_use_is_named),
    Check::pair("8.10", "join_talks_in_a_pipe", join::talks_in_a_pipe),
    Check::pair("8.10", "join_talks_and_hears", join::talks_and_hears),
    Check::pair("8.10", "join_ends_when_the_server_does", join::ends_when_the_server_does),
    Check::pair("8.10", "join_with_a_name_in_use_is_an_error", join::a_name_in_use_is_an_error),
    Check::one("8.10", "join_without_a_name_is_the_address", join::without_a_name_it_is_the_address),
    Check::one("8.10", "join_names_who_refused_and_who_was_lost", join::names_who_refused_and_who_was_lost),
    Check::one("8.10", "join_ends_quietly_without_a_reader", join::ends_quietly_without_a_reader),
    Check::pair("8.10", "a_terminal_talks_and_hears", terminal::talks_and_hears),
    Check::pair("8.10", "a_terminal_comes_back", terminal::comes_back),
    Check::pair("8.10", "a_terminal_shows_what_was_skipped", terminal::shows_what_was_skipped),
    Check::one("8.10", "a_terminal_comes_again_for_its_name", terminal::comes_again_for_its_name),
    Check::one("8.10", "a_terminal_hears_the_last_of_it", terminal::hears_the_last_of_it),
    Check::one("8.10", "a_terminal_is_left_as_it_was", terminal::is_left_as_it_was),
    Check::one("8.10", "a_terminal_asks_for_a_name_again", terminal::asks_for_a_name_again),
    Check::one("8.10", "a_terminal_follows_its_window", terminal::follows_its_window),
    Check::one("8.10", "a_terminal_is_not_taken_for_nobody", terminal::is_not_taken_for_nobody),
    Check::one("ex8.12", "a_newcomer_is_told_who_is_here", names::a_newcomer_is_told_who_is_here),
    Check::one("ex8.13", "a_silent_client_is_told_and_leaves", bounds::a_silent_client_is_told_and_leaves),
    Check::one("ex8.13", "a_client_silent_at_the_prompt_leaves", bounds::silent_at_the_prompt_leaves),
    Check::one("ex8.13", "who_talks_stays", bounds::who_talks_stays),
    Check::one("ex8.13", "a_stop_of_the_server_is_no_silence", bounds::a_stop_is_no_silence),
    Check::one("ex8.14", "the_name_is_asked_for", names::the_name_is_asked_for),
    Check::one("ex8.14", "an_empty_name_is_the_address", names::an_empty_name_is_the_address),
    Check::one("ex8.14", "a_bad_name_is_asked_for_again", names::a_bad_name_is_asked_for_again),
    Check::one("ex8.14", "a_name_in_use_is_asked_for_again", names::a_name_in_use_is_asked_for_again),
    Check::one("ex8.14", "a_name_is_free_when_its_owner_left", names::a_name_is_free_when_its_owner_left),
    Check::one("ex8.14", "name_and_text_in_one_packet", names::name_and_text_in_one_packet),
    Check::one("ex8.14", "of_two_with_one_name_one_gets_it", names::of_two_with_one_name_one_gets_it),
    Check::one("ex8.14", "a_guest_hears_and_shows_nothing", names::a_guest_hears_and_shows_nothing),
    Check::one("ex8.15", "a_stalled_client_delays_nobody", slow::a_stalled_client_delays_nobody),
    Check::one("ex8.15", "the_skipped_are_told_in_order", slow::the_skipped_are_told_in_order),
    Check::one("ex8.15", "a_stalled_flooder_costs_no_memory", slow::a_stalled_flooder_costs_no_memory),
];

kit::checks!("chat", CHECKS);
