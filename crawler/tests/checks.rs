//! The black-box checks of `crawler`: each for each implementation, and for each pair where the site and a client of it
//! meet. They run as any test binary does: `cargo test -p crawler --test checks -- ex8.6/`

use kit::Check;

#[path = "checks/again.rs"]
mod again;
#[path = "checks/answers.rs"]
mod answers;
#[path = "checks/cancel.rs"]
mod cancel;
#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/connections.rs"]
mod connections;
#[path = "checks/copy.rs"]
mod copy;
#[path = "checks/fastest.rs"]
mod fastest;
#[path = "checks/graph.rs"]
mod graph;
#[path = "checks/links.rs"]
mod links;
#[path = "checks/mirror.rs"]
mod mirror;
#[path = "checks/names.rs"]
mod names;
#[path = "checks/oracle.rs"]
mod oracle;
#[path = "checks/output.rs"]
mod output;
#[path = "checks/packed.rs"]
mod packed;
#[path = "checks/polite.rs"]
mod polite;
#[path = "checks/redirects.rs"]
mod redirects;
#[path = "checks/run.rs"]
mod run;
#[path = "checks/site.rs"]
mod site;
#[path = "checks/tls.rs"]
mod tls;

const CHECKS: &[Check] = &[
    Check::pair("8.6", "each_page_of_the_graph_once", graph::each_page_once),
    Check::pair("8.6", "links_are_counted_and_from_is_a_level_up", graph::links_and_from),
    Check::pair("8.6", "max_pages_cuts_alike_whatever_comes_first", graph::max_pages_cuts_alike),
    Check::pair("8.6", "all_of_the_site_with_its_corners", graph::the_corners),
    Check::pair("ex8.6", "depth_is_the_shortest_distance", graph::depth_is_the_distance),
    Check::one("8.6", "each_url_is_printed_as_its_fetch_begins", output::each_url_as_its_fetch_begins),
    Check::one("8.6", "text_is_what_was_asked_for", output::text_is_what_was_asked_for),
    Check::one("8.6", "json_is_an_object_a_page", output::json_objects),
    Check::one("8.6", "dot_is_a_graph", output::dot_is_a_graph),
    Check::one("8.6", "a_summary_on_stderr", output::a_summary_on_stderr),
    Check::one("8.6", "nothing_at_all_is_a_failure", output::nothing_is_a_failure),
    Check::one("8.6", "an_unknown_name_is_told", output::an_unknown_name),
    Check::one("8.6", "ends_quietly_without_a_reader", output::ends_quietly_without_a_reader),
    Check::one("8.6", "several_starts", output::several_starts),
    Check::one("8.6", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.6", "threads_sets_the_worker_threads", command_line::threads_sets_the_worker_threads),
    Check::one("8.6", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.6", "a_redirect_target_is_as_deep_as_its_source", redirects::the_target_is_as_deep),
    Check::one("8.6", "ten_redirects_at_most", redirects::at_most_ten),
    Check::one("8.6", "redirects_in_a_circle_are_found", redirects::circles_are_found),
    Check::one("8.6", "a_redirect_target_is_a_page_once", redirects::a_target_is_a_page_once),
    Check::one("8.6", "no_redirect_leaves_the_hosts", redirects::not_off_the_hosts),
    Check::one("8.6", "a_start_may_redirect", redirects::a_start_may_redirect),
    Check::one("8.6", "links_to_pages_are_followed", links::pages_are_followed),
    Check::one("8.6", "false_links_are_not_followed", links::false_links_are_not_followed),
    Check::one("8.6", "the_base_is_heeded", links::the_base_is_heeded),
    Check::one("8.6", "entities_are_decoded", links::entities_are_decoded),
    Check::one("8.6", "charset_by_header_mark_or_meta", links::charsets),
    Check::one("8.6", "one_page_many_spellings", links::one_page_many_spellings),
    Check::one("8.6", "only_the_web_and_these_hosts", links::only_the_web_and_these_hosts),
    Check::one("8.6", "only_html_is_searched", links::only_html_is_searched),
    Check::one("8.6", "patterns_choose", links::patterns_choose),
    Check::one("8.6", "a_url_has_a_length", links::a_url_has_a_length),
    Check::one("8.6", "broken_html_is_read", links::broken_html_is_read),
    Check::one("8.6", "a_page_of_many_links", links::a_page_of_many_links),
    Check::one("8.6", "one_byte_at_a_time", answers::one_byte_at_a_time),
    Check::one("8.6", "the_timeout_is_for_each_part", answers::the_timeout_is_for_each_part),
    Check::one("8.6", "a_head_that_does_not_come_is_given_up", answers::a_head_that_does_not_come),
    Check::one("8.6", "a_body_that_does_not_end_is_given_up", answers::a_body_that_does_not_end),
    Check::one("8.6", "connecting_has_a_timeout", answers::connecting_has_a_timeout),
    Check::one("8.6", "closed_too_early_is_an_error", answers::closed_too_early),
    Check::one("8.6", "more_than_its_length_is_not_read", answers::more_than_its_length),
    Check::one("8.6", "against_the_protocol_is_an_error", answers::against_the_protocol),
    Check::one("8.6", "headers_without_end_are_given_up", packed::headers_without_end),
    Check::one("8.6", "a_body_without_bound_is_given_up", packed::a_body_without_bound),
    Check::one("8.6", "a_large_page_is_not_held", packed::a_large_page_is_not_held),
    Check::one("8.6", "packed_pages_are_unpacked", packed::packed_pages_are_unpacked),
    Check::one("8.6", "what_cannot_be_unpacked_is_an_error", packed::what_cannot_be_unpacked),
    Check::one("8.6", "a_bomb_is_given_up", packed::a_bomb),
    Check::one("8.6", "interim_answers_are_none", answers::interim_answers),
    Check::one("8.6", "old_and_odd_answers_are_pages", answers::old_and_odd_answers),
    Check::one("8.6", "answers_without_a_body", answers::answers_without_a_body),
    Check::one("8.6", "error_pages_are_not_searched", answers::error_pages_are_not_searched),
    Check::one("8.6", "no_control_characters_are_printed", answers::no_control_characters),
    Check::one("8.6", "the_limit_is_kept_and_used", connections::the_limit_is_kept_and_used),
    Check::one("8.6", "per_host_is_kept_and_used", connections::per_host_is_kept_and_used),
    Check::one("8.6", "eight_a_host_by_default", connections::eight_a_host_by_default),
    Check::one("8.6", "connections_are_kept", connections::connections_are_kept),
    Check::one("8.6", "the_limit_is_of_connections_to_all_hosts", connections::connections_to_all_hosts),
    Check::one("8.6", "one_thread_is_enough", connections::one_thread_is_enough),
    Check::one("8.6", "few_descriptors_lose_no_page", connections::few_descriptors),
    Check::one("8.6", "level_by_level", connections::level_by_level),
    Check::one("8.6", "a_closed_connection_is_replaced", connections::a_closed_connection_is_replaced),
    Check::one("8.6", "a_request_is_sent_once_more", connections::sent_once_more),
    Check::one("8.6", "a_request_is_not_sent_for_ever", connections::not_sent_for_ever),
    Check::one("8.6", "only_clean_connections_are_kept", connections::only_clean_connections_are_kept),
    Check::one("8.6", "the_head_of_a_request", connections::the_head_of_a_request),
    Check::one("8.6", "ipv6", connections::ipv6),
    Check::one("8.6", "a_name_of_several_addresses", connections::localhost),
    Check::one("8.6", "what_robots_txt_forbids_is_not_asked_for", polite::what_is_forbidden),
    Check::one("8.6", "robots_txt_knows_its_name", polite::its_own_name),
    Check::one("8.6", "no_robots_txt_and_none_to_be_had", polite::none_and_none_to_be_had),
    Check::one("8.6", "robots_txt_may_be_elsewhere", polite::it_may_be_elsewhere),
    Check::one("8.6", "strange_robots_txt", polite::strange_ones),
    Check::one("8.6", "ignore_robots_does_not_ask", polite::ignored_if_so_told),
    Check::one("8.6", "crawl_delay_is_between_two_requests", polite::crawl_delay),
    Check::one("8.6", "other_hosts_do_not_wait", polite::others_do_not_wait),
    Check::one("8.6", "retry_after_is_waited", polite::retry_after),
    Check::one("8.6", "a_busy_page_is_printed_once", polite::busy_is_printed_once),
    Check::one("8.6", "a_busy_server_is_given_up", polite::busy_is_given_up),
    Check::one("8.6", "https_is_trusted_with_its_authority", tls::trusted_with_ca),
    Check::one("8.6", "https_is_not_trusted_without", tls::not_trusted_without),
    Check::one("8.6", "https_of_a_wrong_name_is_refused", tls::a_wrong_name_is_refused),
    Check::one("8.6", "https_without_tls_is_an_error", tls::no_tls_is_an_error),
    Check::one("8.6", "a_wrong_authority_is_named", tls::a_wrong_file_is_named),
    Check::one("8.6", "the_scheme_is_a_part_of_the_host", tls::the_scheme_is_of_the_host),
    Check::one("8.6", "site_is_made_of_its_seed", site::the_seed_makes_the_site),
    Check::one("8.6", "site_is_only_read", site::it_is_only_read),
    Check::one("8.6", "site_tells_who_has_a_page_already", site::not_modified),
    Check::one("8.6", "site_waits_its_latency", site::the_latency_is_waited),
    Check::one("8.6", "site_tells_one_client_too_many", site::too_many_are_told),
    Check::one("8.6", "site_answers_what_is_pending_when_interrupted", site::pending_is_answered),
    Check::one("8.6", "site_waits_for_the_grace_at_most", site::the_grace_at_most),
    Check::one("8.6", "site_survives_no_descriptors_left", site::no_descriptors_left),
    Check::pair("ex8.7", "the_copy_is_whole", mirror::the_copy_is_whole),
    Check::one("ex8.7", "each_page_has_a_file_of_its_own", names::each_page_has_a_file),
    Check::one("ex8.7", "long_names_have_a_file_of_their_own", names::long_names_have_a_file),
    Check::one("ex8.7", "what_makes_up_a_page_is_copied", mirror::what_makes_up_a_page),
    Check::one("ex8.7", "base_and_encoding_do_not_mislead", mirror::base_and_encoding),
    Check::one("ex8.7", "nothing_is_written_outside", mirror::nothing_outside),
    Check::one("ex8.7", "the_folder_may_be_a_link", mirror::the_folder_may_be_a_link),
    Check::one("ex8.7", "a_second_run_fetches_what_has_changed", again::a_second_run),
    Check::one("ex8.7", "a_deleted_file_comes_again", again::a_deleted_file_comes_again),
    Check::one("ex8.7", "files_come_whole", again::files_come_whole),
    Check::one("ex8.7", "a_new_file_in_the_place_of_the_old", again::a_new_file_in_its_place),
    Check::one("ex8.7", "ctrl_c_leaves_no_parts", again::ctrl_c_leaves_no_parts),
    Check::one("ex8.7", "one_at_a_time", again::one_at_a_time),
    Check::one("ex8.7", "hosts_are_folders", mirror::hosts_are_folders),
    Check::one("ex8.7", "a_wrong_folder_is_named", mirror::a_wrong_folder_is_named),
    Check::one("ex8.10", "requests_are_cancelled", cancel::requests_are_cancelled),
    Check::one("ex8.10", "cancelled_at_any_wait", cancel::at_any_wait),
    Check::one("ex8.10", "what_was_found_is_printed", cancel::what_was_found_is_printed),
    Check::pair("ex8.11", "the_quick_page_wins", fastest::the_quick_page_wins),
    Check::one("ex8.11", "an_error_does_not_win", fastest::an_error_does_not_win),
    Check::one("ex8.11", "half_a_body_does_not_win", fastest::half_a_body_does_not_win),
    Check::one("ex8.11", "the_others_are_cancelled", fastest::the_others_are_cancelled),
    Check::one("ex8.11", "the_body_as_it_came", fastest::the_body_as_it_came),
    Check::one("ex8.11", "redirects_are_followed", fastest::redirects_are_followed),
    Check::one("ex8.11", "all_failures_are_named", fastest::all_failures_are_named),
    Check::one("ex8.11", "ctrl_c_cancels", fastest::ctrl_c_cancels),
    Check::one("ex8.11", "ends_quietly_without_a_reader", fastest::ends_quietly_without_a_reader),
];

kit::checks!("crawler", CHECKS);
