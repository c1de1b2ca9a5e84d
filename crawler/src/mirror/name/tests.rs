use proptest::prelude::*;

use super::*;

fn name(url: &str, content_type: &str) -> String {
    Names::default().give(&Url::parse(url).unwrap(), Content::of(Some(content_type)))
}

#[test]
fn pages() {
    for (url, path) in [
        ("http://h/", "h/index.html"),
        ("https://h/", "h/index.html"),
        ("http://h:8000/a/", "h_8000/a/index.html"),
        ("http://h/a", "h/a.html"),
        ("http://h/a.HTM", "h/a.HTM"),
        ("http://h/x.php", "h/x.php.html"),
        ("http://h/page?a=1&b=2", "h/page@a=1&b=2.html"),
        ("http://h/page.html?a=1", "h/page@a=1.html"),
        ("http://h/?q=a/b", "h/index@q=a%2Fb.html"),
        ("http://h/v1.2", "h/v1.2.html"),
        ("http://h/a%20b/%C3%A4", "h/a b/ä.html"),
        ("http://h//a//b", "h/a/b.html"),
        ("http://[::1]:80/", "[%3A%3A1]/index.html"),
        ("http://h/%E4%ff", "h/%E4%FF.html"),
    ] {
        assert_eq!(name(url, "text/html; charset=utf-8"), path, "{url}");
    }
}

#[test]
fn others() {
    for (url, content_type, path) in [
        ("http://h/a.css?v=3", "text/css", "h/a@v=3.css"),
        ("http://h/style.php", "text/css", "h/style.php.css"),
        ("http://h/a.png", "image/png", "h/a.png"),
        ("http://h/pictures/", "image/png", "h/pictures/index"),
        ("http://h/logo", "image/svg+xml", "h/logo.svg"),
        ("http://h/a.mjs", "text/javascript", "h/a.mjs"),
        ("http://h/.htaccess", "", "h/.htaccess"),
    ] {
        assert_eq!(name(url, content_type), path, "{url}");
    }
}

#[test]
fn hostile() {
    for (url, path) in [
        ("http://h/../../etc/passwd", "h/etc/passwd"),
        ("http://h/%2e%2e/%2e%2e%2fetc%2fpasswd", "h/..%2Fetc%2Fpasswd"),
        ("http://h/a%5c..%5cb", "h/a%5C..%5Cb"),
        ("http://h/a%00b%0ac", "h/a%00b%0Ac"),
        ("http://h/CON", "h/%43ON"),
        ("http://h/aux.html", "h/%61ux.html"),
        ("http://h/com1.tar.gz", "h/%63om1.tar.gz"),
        ("http://h/console", "h/console"),
        ("http://h/NUL%20.txt", "h/%4EUL .txt"),
        ("http://h/a%3Ab*%3F%22%3C%3E%7C/c.", "h/a%3Ab%2A%3F%22%3C%3E%7C/c%2E"),
        ("http://h/a%20/b", "h/a%20/b"),
        ("http://h/%252e", "h/%252e"),
        ("http://h/%E2%80%AEgnp.exe", "h/%E2%80%AEgnp.exe"),
        ("http://h/.crawler/index.json", "h/.crawler/index.json"),
        ("http://.crawler/index.json", "%2Ecrawler/index.json"),
        ("http://h/.../x", "h/..%2E/x"),
    ] {
        assert_eq!(name(url, "text/plain"), path, "{url}");
    }
}

#[test]
fn long_ones_are_cut() {
    let one = name(&format!("http://h/{}", "a".repeat(5000)), "text/html");
    let other = name(&format!("http://h/{}b", "a".repeat(5000)), "text/html");
    assert!(one.len() <= 2 + LONGEST_NAME && one.ends_with(".html"), "{one}");
    assert_ne!(one, other);
    let deep = name(&format!("http://h/{}x.png", "aaaaaaaaa/".repeat(500)), "image/png");
    assert!(deep.len() <= LONGEST_PATH && deep.ends_with("/x.png"), "{deep}");
    let wide = name(&format!("http://h/{}.css", "%C3%A4".repeat(300)), "text/css");
    assert!(wide.len() <= 2 + LONGEST_NAME && wide.ends_with(".css"), "{wide}");
}

#[test]
fn each_has_its_own() {
    let mut names = Names::default();
    let mut give = |url| names.give(&Url::parse(url).unwrap(), Content::of(Some("text/html")));
    assert_eq!(give("http://h/a"), "h/a.html");
    let case = give("http://h/A");
    assert!(case.starts_with("h/A~") && case.ends_with(".html"), "{case}");
    assert!(give("https://h/a").starts_with("h/a~"));
    assert_eq!(give("http://h/b.html"), "h/b.html");
    let below = give("http://h/B.html/x");
    assert!(below.starts_with("h/B.html~") && below.ends_with("/x.html"), "{below}");
    let beside = give("http://h/B.html/y");
    assert_eq!(below.rsplit_once('/').unwrap().0, beside.rsplit_once('/').unwrap().0);
    assert_eq!(give("http://h/c.html/x"), "h/c.html/x.html");
    assert!(give("http://h/c.html").starts_with("h/c~"));
}

proptest! {
    #[test]
    fn any_names_are_allowed_and_differ(
        paths in prop::collection::vec("(/|\\.|%2[eEfF]|%00|%5C|%C3%A4|%FF|[aA]|:|con|\\?|\\.html|~){0,8}", 1..12)
    ) {
        let mut names = Names::default();
        let mut given = Vec::new();
        let mut urls: Vec<_> = paths.iter().map(|path| Url::parse(&format!("http://h/{path}")).unwrap()).collect();
        urls.sort();
        urls.dedup();
        for url in &urls {
            let path = names.give(url, Content::of(Some("text/html")));
            prop_assert!(path.len() <= LONGEST_PATH);
            for part in path.split('/') {
                prop_assert!(!part.is_empty() && part.len() <= LONGEST_NAME && !part.ends_with(['.', ' ']), "{}", path);
                prop_assert!(!part.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '\0']), "{}", path);
                prop_assert!(!is_device(part), "{}", path);
            }
            given.push(folded(&path));
        }
        for one in &given {
            let clashes = given.iter().filter(|other| *other == one || other.starts_with(&format!("{one}/")));
            prop_assert_eq!(clashes.count(), 1, "{}", one);
        }
    }
}
