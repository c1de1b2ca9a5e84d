//! `pipeline cake` on smol (8.4).
//!
//! Run with: `cargo run -p pipeline -- --runtime smol cake`
//!
//! ```text
//! baker ─► icers (one or more) ─► inscriber
//! ```
//!
//! A shelf between two steps is a channel. One without a buffer means that a cook begins the next cake only
//! when the last one was *taken*, and a channel has room for a cake at least: so the cake carries a receipt,
//! which whoever takes it drops, and the cook waits for that.
//!
//! A receiver can be cloned: several icers have one each, and a cake goes to one of them.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use common::runtime::smol::print;
use smol::channel::{self, Receiver, Sender};
use smol::{Executor, Timer, Unblock};

use crate::cake::{Cake, Day, Shop, Spent, report};
use crate::cli;

/// Makes all cakes as often as asked for, and tells what that was like.
pub(crate) async fn cake(executor: &Arc<Executor<'static>>, options: &cli::Cake) -> Result<()> {
    let shop = options.shop();
    let mut days = Vec::new();
    for run in 0..options.runs {
        days.push(day(executor, &shop, run).await);
    }
    print(&mut Unblock::new(io::stdout()), report(&shop, &days).as_bytes()).await
}

/// Makes all cakes once.
async fn day(executor: &Arc<Executor<'static>>, shop: &Shop, run: u32) -> Day {
    // ANCHOR: 8.4-day
    let cakes = shop.cakes(run);
    let (baked, to_ice) = shelf(shop.bake_buffer);
    let (iced, to_inscribe) = shelf(shop.ice_buffer);
    let start = Instant::now();
    let baker = executor.spawn(baker(cakes, baked));
    let icer = |_| executor.spawn(icer(to_ice.clone(), iced.clone()));
    let icers: Vec<_> = (0..shop.icers).map(icer).collect();
    // The inscriber ends when the last icer has dropped its own.
    drop(iced);
    let inscribing = executor.spawn(inscriber(to_inscribe)).await;
    let took = start.elapsed();
    let mut icing = Spent::default();
    for icer in icers {
        icing += icer.await;
    }
    Day { took, baking: baker.await, icing, inscribing }
    // ANCHOR_END: 8.4-day
}

async fn baker(cakes: Vec<Cake>, baked: Shelf) -> Spent {
    let mut spent = Spent::default();
    for cake in cakes {
        timed(&mut spent.working, Timer::after(cake.bake)).await;
        timed(&mut spent.for_room, baked.put(cake)).await;
    }
    spent
}

async fn icer(baked: Pickup, iced: Shelf) -> Spent {
    let mut spent = Spent::default();
    while let Some(cake) = timed(&mut spent.for_input, baked.take()).await {
        timed(&mut spent.working, Timer::after(cake.ice)).await;
        timed(&mut spent.for_room, iced.put(cake)).await;
    }
    spent
}

async fn inscriber(iced: Pickup) -> Spent {
    let mut spent = Spent::default();
    while let Some(cake) = timed(&mut spent.for_input, iced.take()).await {
        timed(&mut spent.working, Timer::after(cake.inscribe)).await;
    }
    spent
}

/// What `wait` gives; the time that it took is added to `total`.
async fn timed<T>(total: &mut Duration, wait: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let output = wait.await;
    *total += start.elapsed();
    output
}

/// A shelf for `buffer` cakes, from its two sides.
fn shelf(buffer: usize) -> (Shelf, Pickup) {
    let (cakes, taken) = channel::bounded(buffer.max(1));
    (Shelf { cakes, has_room: buffer > 0 }, Pickup { cakes: taken })
}

/// A cake on its way, and its receipt: nothing is ever sent, it is dropped when the cake is taken.
type Handed = (Cake, Sender<Infallible>);

/// Where a cook puts what is done.
#[derive(Clone)]
struct Shelf {
    cakes: Sender<Handed>,
    /// Without room a cake is handed over.
    has_room: bool,
}

impl Shelf {
    /// Waits until there is room for the cake; without a buffer, until it is taken.
    async fn put(&self, cake: Cake) {
        // ANCHOR: 8.4-hand-over
        let (receipt, taken) = channel::bounded(1);
        // The next step ends after this one.
        self.cakes.send((cake, receipt)).await.ok();
        if !self.has_room {
            taken.recv().await.ok();
        }
        // ANCHOR_END: 8.4-hand-over
    }
}

/// Where a cook gets the next cake.
#[derive(Clone)]
struct Pickup {
    cakes: Receiver<Handed>,
}

impl Pickup {
    /// Waits for a cake; none when no more will come.
    async fn take(&self) -> Option<Cake> {
        let (cake, _receipt) = self.cakes.recv().await.ok()?;
        Some(cake)
    }
}
