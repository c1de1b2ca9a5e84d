compile_error!("a kit of the student's own");
