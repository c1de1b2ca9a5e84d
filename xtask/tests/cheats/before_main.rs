#[unsafe(link_section = ".init_array")]
#[used]
static FIRST: extern "C" fn() = {
    extern "C" fn first() {
        std::process::exit(0)
    }
    first
};
