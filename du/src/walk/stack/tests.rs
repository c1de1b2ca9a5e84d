use std::fs::File;

use proptest::prelude::*;

use super::*;

fn fd() -> Arc<OwnedFd> {
    Arc::new(File::open("/").unwrap().into())
}

fn dir(name: &str) -> Arc<Dir> {
    Arc::new(Dir::root(0, CString::new(name).unwrap(), None, None))
}

fn names(count: usize) -> Vec<u8> {
    (0..count).flat_map(|n| format!("{n}\0").into_bytes()).collect()
}

fn entered(task: Option<Task>) -> (String, String, Result<(), usize>) {
    let Some(Task::Enter { dir, fd, name }) = task else { panic!("{task:?}") };
    let text = |name: &CStr| name.to_str().unwrap().to_owned();
    let fd = match fd {
        Access::Open(_) => Ok(()),
        Access::Again(wanted) => Err(wanted.len()),
    };
    (text(dir.name()), text(&name), fd)
}

#[test]
fn the_last_found_first_and_the_roots_in_their_order() {
    let mut stack = Stack::new(2, 4);
    assert!(matches!(stack.pop(), Some(Task::Root(0))));
    stack.push(dir("a"), fd(), names(2));
    stack.push(dir("b"), fd(), names(1));
    let order: Vec<_> = (0..3).map(|_| entered(stack.pop())).map(|(dir, name, _)| dir + &name).collect();
    assert_eq!(order, ["b0", "a0", "a1"]);
    assert!(matches!(stack.pop(), Some(Task::Root(1))));
    assert!(stack.pop().is_none());
}

#[test]
fn the_lowest_gives_up_and_gets_it_back() {
    let mut stack = Stack::new(0, 2);
    let all = ["a", "b", "c", "d"].map(dir);
    for dir in &all {
        stack.push(Arc::clone(dir), fd(), names(1));
    }
    assert_eq!(entered(stack.pop()), ("d".into(), "0".into(), Ok(())));
    assert_eq!(entered(stack.pop()), ("c".into(), "0".into(), Ok(())));
    // On the way to b, a is to be kept.
    assert_eq!(entered(stack.pop()), ("b".into(), "0".into(), Err(1)));
    stack.keep(1, vec![(Arc::clone(&all[0]), fd())]);
    assert_eq!(entered(stack.pop()), ("a".into(), "0".into(), Ok(())));
    assert_eq!(stack.kept, 0);
}

#[test]
fn what_is_unread_stays_and_is_read_when_its_names_are_entered() {
    let mut stack = Stack::new(0, 2);
    assert!(stack.push_unread(&dir("a"), &fd(), names(1)).is_ok());
    assert!(stack.push_unread(&dir("b"), &fd(), names(1)).is_err(), "half of them may have to stay");
    for _ in 0..5 {
        stack.push(dir("c"), fd(), names(1));
    }
    assert_eq!(stack.give_all(), Given::Some);
    while let Some(task) = stack.pop() {
        if let Task::Resume { dir, .. } = task {
            assert_eq!(dir.name(), c"a");
            return;
        }
    }
    panic!("a was never read on");
}

#[test]
fn what_is_promised_comes_later() {
    let mut stack = Stack::new(0, 1);
    for name in ["a", "b", "c"] {
        stack.push(dir(name), fd(), names(1));
    }
    assert_eq!(entered(stack.pop()), ("c".into(), "0".into(), Ok(())));
    assert_eq!(entered(stack.pop()), ("b".into(), "0".into(), Err(1)));
    assert_eq!(stack.give_all(), Given::Later);
    stack.keep(1, Vec::new());
    assert_eq!((stack.give_all(), stack.give_all()), (Given::Some, Given::None));
}

proptest! {
    #[test]
    fn never_more_are_kept_and_all_are_entered(
        most in 0_usize..6,
        steps in prop::collection::vec((any::<bool>(), 1_usize..4), 0..200),
    ) {
        let mut stack = Stack::new(0, most);
        let (mut pushed, mut popped) = (0, 0);
        let mut pop = |stack: &mut Stack| match stack.pop() {
            Some(Task::Enter { fd, .. }) => {
                popped += 1;
                if let Access::Again(wanted) = fd {
                    let opened = wanted.iter().map(|dir| (Arc::clone(dir), self::fd())).collect();
                    stack.keep(wanted.len(), opened);
                }
                true
            }
            _ => false,
        };
        for (push, count) in steps {
            if push {
                stack.push(dir("d"), fd(), names(count));
                pushed += count;
            } else {
                pop(&mut stack);
            }
            let open = stack.groups.iter().filter(|group| group.fd.is_some()).count();
            prop_assert!(open == stack.kept && open <= most, "{open} open, {} kept, {most} at most", stack.kept);
        }
        while pop(&mut stack) {}
        prop_assert_eq!((pushed, stack.kept), (popped, 0));
    }
}
