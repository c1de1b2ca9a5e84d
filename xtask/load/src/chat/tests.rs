//! Rooms on threads of the test, right ones and wrong ones.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use kit::refused;

use super::*;
use crate::tests::server;

/// A crowd of ten in a room that tells each of them what `tell` makes of a line, given the number of the client and
/// of the line; and what comes of some talk.
fn talk(
    patience: Duration,
    tell: impl Fn(usize, u64, &str) -> Vec<String> + Send + Sync + 'static,
) -> Result<Spoken> {
    let room: Arc<Mutex<(Vec<TcpStream>, u64)>> = Arc::default();
    let address = server(move |_, stream| {
        let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
        let Some(name) = lines.next() else { return };
        {
            let mut room = room.lock().unwrap();
            (&stream).write_all(format!("You are {name}\n").as_bytes()).unwrap();
            room.0.push(stream.try_clone().unwrap());
        }
        for line in lines {
            let mut room = room.lock().unwrap();
            room.1 += 1;
            for (n, mut client) in room.0.iter().enumerate() {
                let told = tell(n, room.1, &format!("{name}: {line}\n")).concat();
                // It may have gone.
                client.write_all(told.as_bytes()).ok();
            }
        }
    })?;
    let mut crowd = Crowd::new(address)?;
    crowd.patience = patience;
    crowd.join(10, Duration::ZERO)?;
    crowd.one_at_a_time(Duration::from_millis(20))?;
    crowd.flood(Duration::from_millis(100))
}

fn as_it_is(_: usize, _: u64, line: &str) -> Vec<String> {
    vec![line.to_owned()]
}

#[test]
fn a_room_that_is_right() -> Result<()> {
    let spoken = talk(PATIENCE, as_it_is)?;
    assert!(spoken.delivered >= 10, "{}", spoken.delivered);
    Ok(())
}

#[test]
fn a_message_that_is_dropped_is_found() {
    // The second message is the first one that is said alone; the 60th is one of a flood.
    let short = Duration::from_secs(1);
    let for_one = |n, number, line: &str| vec![line.to_owned(); usize::from(n != 3 || number != 2)];
    refused(talk(short, for_one), "expected 2 messages for each client");
    let for_all = |_, number, line: &str| vec![line.to_owned(); usize::from(number != 2)];
    refused(talk(short, for_all), "10 of 10 clients had fewer, the least 1");
    let of_many = |n, number, line: &str| vec![line.to_owned(); usize::from(n != 3 || number != 60)];
    refused(talk(short, of_many), "expected ");
}

#[test]
fn a_message_that_is_told_otherwise_is_found() {
    let short = Duration::from_secs(1);
    let twice = |n, number, line: &str| vec![line.to_owned(); if n == 3 && number == 2 { 2 } else { 1 }];
    refused(talk(short, twice), "\n     got \"client");
    let altered = |n, number, line: &str| {
        vec![if n == 3 && number == 2 { line.replace("...\n", "..,\n") } else { line.to_owned() }]
    };
    refused(talk(short, altered), "..,\"");
    let by_another = |_, number, line: &str| {
        vec![if number == 2 { line.replace("client", "client1") } else { line.to_owned() }]
    };
    refused(talk(short, by_another), "\n     got \"");
    let shortened = |_, _, line: &str| vec![line.replace("....", ".")];
    refused(talk(short, shortened), "expected 1 messages for each client");
}

#[test]
fn a_server_that_closes_is_refused() {
    let address = server(|_, stream| drop(stream)).unwrap();
    assert!(Crowd::new(address).unwrap().join(3, Duration::ZERO).is_err());
}

#[test]
fn a_slow_room_is_asked_for_less() {
    assert_eq!((under_way(0, 1000), under_way(100, 1000), under_way(1000, 1000)), (256, 256, 2000));
    assert_eq!((under_way(0, 100), under_way(0, 1), under_way(1 << 20, 1000)), (2560, UNDER_WAY, UNDER_WAY));
}
