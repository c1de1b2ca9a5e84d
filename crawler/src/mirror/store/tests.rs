use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

fn folder() -> (TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let copy = temp.path().join("new/copy");
    (temp, copy)
}

fn head(content_type: &str) -> Head {
    Head { content_type: Some(content_type.to_owned()), etag: Some("\"1\"".to_owned()), last_modified: None }
}

fn html() -> Head {
    head("text/html")
}

#[test]
fn a_small_site() {
    let (_temp, copy) = folder();
    let store = Store::open(&copy).unwrap();
    store
        .save("http://h/", &html(), b"<link rel=stylesheet href=/s><a href=/old>a</a><a href=/no>no</a>")
        .unwrap();
    store.save("http://h/a?b", &html(), b"<a href=/>").unwrap();
    store.save("http://h/s", &head("text/css"), b"a{b:url(/i.png)}").unwrap();
    store.save("http://h/i.png", &head("image/png"), b"\x89PNG").unwrap();
    store.redirect("http://h/old", "http://h/older");
    store.redirect("http://h/older", "http://h/a?b");
    let published = store.finish().unwrap();
    assert_eq!((published.files, published.written, published.failed.len()), (4, 4, 0));

    let read = |file: &str| fs::read_to_string(copy.join(file)).unwrap();
    assert_eq!(
        read("h/index.html"),
        "<link rel=stylesheet href=\"s.css\"><a href=\"a@b.html\">a</a><a href=\"http://h/no\">no</a>"
    );
    assert_eq!(read("h/a@b.html"), "<a href=\"index.html\">");
    assert_eq!(read("h/s.css"), "a{b:url(\"i.png\")}");
    assert_eq!(fs::read(copy.join("h/i.png")).unwrap(), b"\x89PNG");
}

#[test]
fn a_later_run_goes_on() {
    let (_temp, copy) = folder();
    let store = Store::open(&copy).unwrap();
    store.save("http://h/b", &html(), b"<a href=c>").unwrap();
    store.save("http://h/A", &html(), b"A").unwrap();
    store.finish().unwrap();
    assert!(Store::open(&copy).is_err_and(|error| format!("{error:#}").contains("another crawler")));
    drop(store);

    let store = Store::open(&copy).unwrap();
    let validators = Validators { etag: Some("\"1\"".to_owned()), last_modified: None };
    assert_eq!(store.validators("http://h/b"), Some(validators));
    assert_eq!(store.validators("http://h/c"), None);
    assert_eq!(store.kept("http://h/b").unwrap(), (html(), b"<a href=c>".to_vec()));
    assert!(store.kept("http://h/c").is_err());
    let unchanged = store.finish().unwrap();
    assert_eq!((unchanged.files, unchanged.written), (2, 0));

    // `a` comes before `A` in no order of names, since `A` has its name.
    store.save("http://h/a", &html(), b"a").unwrap();
    store.save("http://h/c", &html(), b"c").unwrap();
    let changed = store.finish().unwrap();
    assert_eq!((changed.files, changed.written), (4, 3), "{changed:?}");
    assert_eq!(fs::read_to_string(copy.join("h/A.html")).unwrap(), "A");
    assert_eq!(fs::read_to_string(copy.join("h/b.html")).unwrap(), "<a href=\"c.html\">");
    drop(store);

    fs::remove_dir_all(copy.join(".crawler/objects")).unwrap();
    let store = Store::open(&copy).unwrap();
    assert_eq!(store.validators("http://h/b"), None, "its body is gone");
    assert_eq!(store.finish().unwrap().failed.len(), 4);
    assert_eq!(fs::read_to_string(copy.join("h/A.html")).unwrap(), "A", "and its file is not");
}

#[test]
fn names_do_not_depend_on_the_order() {
    let urls = ["http://h/a", "http://h/A", "https://h/a", "http://h/a.html/b", "http://h/a.html"];
    let files = |urls: &mut dyn Iterator<Item = &&str>| {
        let (_temp, copy) = folder();
        let store = Store::open(&copy).unwrap();
        for url in urls {
            store.save(url, &html(), b"").unwrap();
        }
        assert_eq!(store.finish().unwrap().written, 5);
        let index = store.index();
        index.urls.iter().map(|(url, entry)| (url.clone(), entry.file.clone())).collect::<Vec<_>>()
    };
    assert_eq!(files(&mut urls.iter()), files(&mut urls.iter().rev()));
}

#[test]
fn nothing_leaves_the_folder() {
    let (temp, copy) = folder();
    let outside = temp.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(copy.join("h/file.html")).unwrap();
    std::os::unix::fs::symlink(&outside, copy.join("h/out")).unwrap();
    std::os::unix::fs::symlink(outside.join("x"), copy.join("h/link.html")).unwrap();
    let store = Store::open(&copy).unwrap();
    for url in [
        "http://h/out/x",
        "http://h/link",
        "http://h/file",
        "http://h/../../etc/passwd",
        "http://h/%2e%2e%2f%2e%2e%2foutside%2fy",
        "http://h/.crawler/index.json",
        "http://.crawler/index.json",
        "http://h/a%00b",
        "http://h/CON",
        "http://h/aux.html",
        &format!("http://h/{}", "a".repeat(5000)),
    ] {
        store.save(url, &html(), b"body").unwrap();
    }
    let published = store.finish().unwrap();
    let failed: Vec<_> = published.failed.iter().map(|(url, _)| &**url).collect();
    assert_eq!(failed, ["http://h/file", "http://h/link", "http://h/out/x"], "{published:?}");
    assert_eq!(published.written, 8);
    let told = published.to_string();
    assert!(
        told.starts_with(
            "8 files in the copy, 8 of them written now\nhttp://h/file: h/file.html is a folder\n"
        ),
        "{told}"
    );
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2);
    assert!(copy.join("h/.crawler/index.json.html").is_file());
    assert!(copy.join("%2Ecrawler/index.json.html").is_file());
    assert!(fs::read_to_string(copy.join(".crawler/index.json")).unwrap().contains("\"version\": 1"));
}

#[test]
fn an_own_folder_that_leads_out_is_refused() {
    let (temp, copy) = folder();
    fs::create_dir_all(&copy).unwrap();
    std::os::unix::fs::symlink(temp.path(), copy.join(".crawler")).unwrap();
    assert!(Store::open(&copy).is_err());
    assert!(!temp.path().join("objects").exists());
}

#[test]
fn an_index_of_others_is_told() {
    let (_temp, copy) = folder();
    fs::create_dir_all(copy.join(".crawler")).unwrap();
    for (text, told) in [("{", "not what mirror writes"), ("{\"version\":9,\"urls\":{}}", "version 9")] {
        fs::write(copy.join(".crawler/index.json"), text).unwrap();
        let error = Store::open(&copy).err().unwrap();
        assert!(format!("{error:#}").contains(told), "{error:#}");
    }
}

#[test]
fn redirects_that_go_round_lead_nowhere() {
    let (_temp, copy) = folder();
    let store = Store::open(&copy).unwrap();
    store.save("http://h/", &html(), b"<a href=/a>").unwrap();
    store.redirect("http://h/a", "http://h/b");
    store.redirect("http://h/b", "http://h/a");
    store.finish().unwrap();
    assert_eq!(fs::read_to_string(copy.join("h/index.html")).unwrap(), "<a href=\"http://h/a\">");
}
