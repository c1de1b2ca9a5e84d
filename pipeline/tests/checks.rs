//! The black-box checks of `pipeline`: each for each implementation. They run as any test binary does:
//! `cargo test -p pipeline --test checks -- 8.4/`

use kit::Check;

#[path = "checks/cake.rs"]
mod cake;
#[path = "checks/command_line.rs"]
mod command_line;
#[path = "checks/mandelbrot.rs"]
mod mandelbrot;
#[path = "checks/squares.rs"]
mod squares;
#[path = "checks/thumbs/mod.rs"]
mod thumbs;

const CHECKS: &[Check] = &[
    Check::one("8.4", "a_hundred_squares", squares::a_hundred_squares),
    Check::one(
        "8.4",
        "squares_in_order_at_any_capacity_and_batch",
        squares::in_order_at_any_capacity_and_batch,
    ),
    Check::one(
        "8.4",
        "forever_ends_quietly_without_a_reader",
        squares::forever_ends_quietly_without_a_reader,
    ),
    Check::one("8.4", "a_stalled_reader_stops_all", squares::a_stalled_reader_stops_all),
    Check::one("8.4", "a_slow_counter_shows_each_line", squares::a_slow_counter_shows_each_line),
    Check::one("8.4", "a_square_beyond_64_bits_is_an_error", squares::a_square_beyond_64_bits_is_an_error),
    Check::one("8.4", "the_sum_of_all", squares::the_sum_of_all),
    Check::one("8.4", "ctrl_c_ends_squares", squares::ctrl_c_ends_it),
    Check::one("8.4", "the_books_shops", cake::the_books_shops),
    Check::one("8.4", "without_a_buffer_a_cake_is_handed_over", cake::without_a_buffer_a_cake_is_handed_over),
    Check::one("8.4", "what_waited_for_what", cake::what_waited_for_what),
    Check::one("8.4", "a_seed_repeats_a_run", cake::a_seed_repeats_a_run),
    Check::one("8.4", "runs_give_a_mean_and_its_spread", cake::runs_give_a_mean_and_its_spread),
    Check::one("8.4", "help_lists_the_runtimes_compiled_in", command_line::help_lists_the_runtimes),
    Check::one("8.4", "wrong_flags_are_usage_errors", command_line::wrong_flags_are_usage_errors),
    Check::one("8.5", "a_thumbnail_of_each_format", thumbs::a_thumbnail_of_each_format),
    Check::one("8.5", "as_large_as_asked_for_and_where", thumbs::as_large_as_asked_for_and_where),
    Check::one("8.5", "turned_as_the_camera_was", thumbs::turned_as_the_camera_was),
    Check::one("8.5", "names_are_used_as_they_come", thumbs::names_are_used_as_they_come),
    Check::one("8.5", "never_over_a_picture", thumbs::never_over_a_picture),
    Check::one("8.5", "no_more_pictures_in_memory_than_jobs", thumbs::no_more_pictures_in_memory_than_jobs),
    Check::one("8.5", "bad_files_do_not_stop_the_rest", thumbs::faults::bad_files_do_not_stop_the_rest),
    Check::one(
        "8.5",
        "hostile_pictures_are_refused_in_little_memory",
        thumbs::faults::hostile_pictures_are_refused_in_little_memory,
    ),
    Check::one("8.5", "a_place_that_is_none", thumbs::faults::a_place_that_is_none),
    Check::one("8.5", "a_full_disk_leaves_no_part", thumbs::faults::a_full_disk_leaves_no_part),
    Check::one("8.5", "the_first_error_is_the_last", thumbs::ends::the_first_error_is_the_last),
    Check::one("8.5", "ctrl_c_leaves_no_part", thumbs::ends::ctrl_c_leaves_no_part),
    Check::one("8.5", "ctrl_c_ends_the_wait_for_names", thumbs::ends::ctrl_c_ends_the_wait_for_names),
    Check::one("8.5", "who_does_not_wait_loses_thumbnails", thumbs::ends::who_does_not_wait_loses_thumbnails),
    Check::one(
        "8.5",
        "who_returns_the_first_error_leaks_tasks",
        thumbs::ends::who_returns_the_first_error_leaks_tasks,
    ),
    Check::one("8.5", "a_bar_on_a_terminal", thumbs::ends::a_bar_on_a_terminal),
    Check::one("ex8.5", "the_same_picture_for_any_workers", mandelbrot::the_same_for_any_workers),
    Check::one("ex8.5", "stdout_takes_a_picture_too", mandelbrot::stdout_takes_it_too),
    Check::one("ex8.5", "workers_work_at_the_same_time", mandelbrot::workers_work_at_the_same_time),
    Check::one("ex8.5", "who_cannot_write_says_so", mandelbrot::who_cannot_write_says_so),
    Check::one("ex8.5", "ctrl_c_leaves_nothing", mandelbrot::ctrl_c_leaves_nothing),
    Check::one("ex8.5", "ctrl_c_cuts_no_file", mandelbrot::ctrl_c_cuts_no_file),
    Check::one("ex8.5", "a_sweep_tries_up_to_a_worker_a_row", mandelbrot::a_sweep_tries_up_to_a_worker_a_row),
];

kit::checks!("pipeline", CHECKS);
