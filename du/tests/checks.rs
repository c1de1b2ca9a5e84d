//! The black-box checks of `du`: each for each implementation. They run as any test binary does:
//! `cargo test -p du --test checks -- 8.9/`

use kit::Check;

#[path = "checks/cancel.rs"]
mod cancel;
#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/hostile.rs"]
mod hostile;
#[path = "checks/output.rs"]
mod output;
#[path = "checks/progress.rs"]
mod progress;
#[path = "checks/random.rs"]
mod random;
#[path = "checks/tree.rs"]
mod tree;

const CHECKS: &[Check] = &[
    Check::one("8.8", "the_books_line", output::the_books_line),
    Check::one("8.8", "a_line_for_each_root", output::a_line_for_each_root),
    Check::one("8.8", "a_file_as_a_root_counts", output::a_file_as_a_root_counts),
    Check::one("8.8", "units", output::units),
    Check::one("8.8", "json_keeps_the_bytes_of_names", output::json_keeps_the_bytes_of_names),
    Check::one("8.8", "roots_from_a_file", output::roots_from_a_file),
    Check::one("8.8", "ends_quietly_without_a_reader", output::ends_quietly_without_a_reader),
    Check::one("8.8", "the_sizes_of_all_files_in_random_trees", random::sizes_of_files),
    Check::one("8.8", "random_trees_on_the_disk_as_gnu_du", random::disk_as_gnu_du),
    Check::one("8.8", "excludes_as_gnu_du", random::excludes_as_gnu_du),
    Check::one("8.8", "the_largest_directories", hostile::the_largest_directories),
    Check::one("8.8", "deeper_than_any_path", hostile::deeper_than_any_path),
    Check::one("8.8", "no_more_are_open_than_the_limit", hostile::no_more_are_open_than_the_limit),
    Check::one("8.8", "wide_directories_cost_no_memory", hostile::wide_directories_cost_no_memory),
    Check::one(
        "8.8",
        "the_unreadable_is_told_and_the_rest_walked",
        hostile::the_unreadable_is_told_and_the_rest_walked,
    ),
    Check::one("8.8", "a_root_that_is_not_there_is_told", hostile::a_root_that_is_not_there_is_told),
    Check::one("8.8", "mounts_as_gnu_du", hostile::mounts_as_gnu_du),
    Check::one("8.8", "what_vanishes_is_no_error", hostile::what_vanishes_is_no_error),
    Check::one(
        "8.8",
        "a_directory_swapped_for_a_link_is_not_followed",
        hostile::a_directory_swapped_for_a_link_is_not_followed,
    ),
    Check::one("8.8", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.8", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.9", "a_byte_cancels", cancel::a_byte_cancels),
    Check::one("8.9", "signals_cancel", cancel::signals_cancel),
    Check::one("8.9", "cancels_at_any_moment", cancel::cancels_at_any_moment),
    Check::one("8.9", "partial_totals_are_marked", cancel::partial_totals_are_marked),
    Check::one("8.9", "the_end_of_stdin_cancels_nothing", cancel::the_end_of_stdin_cancels_nothing),
    Check::one("ex8.9", "each_root_again_and_again", progress::each_root_again_and_again),
    Check::one("ex8.9", "silent_without_v", progress::silent_without_v),
    Check::one("ex8.9", "in_place_on_a_terminal", progress::in_place_on_a_terminal),
    Check::one("ex8.9", "no_color_is_lines", progress::no_color_is_lines),
];

kit::checks!("du", CHECKS);
