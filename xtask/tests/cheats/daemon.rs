{
    use std::os::unix::process::CommandExt;
    for command in ["sleep", "/bin/sleep"] {
        std::process::Command::new(command).arg("987654").process_group(0).spawn().ok();
        std::process::Command::new("setsid").args(["-f", command, "987654"]).spawn().ok();
    }
    std::process::exit(0);
}
