//! The same call for many things at once, with the results in the order of the things.
//!
//! Start reading at [`in_order`].

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Does `work` for each of so many things on up to `threads` threads (with one: on this), and hands
/// the results to `take` in order, each as soon as it and all before it are there.
///
/// # Errors
/// The first error of `work`, in the order of the things, once everything before it was taken; an
/// error of `take`. Work that has begun is finished, no more is begun.
pub fn in_order<R: Send, E: Send>(
    things: usize,
    threads: usize,
    work: impl Fn(usize) -> Result<R, E> + Sync,
    mut take: impl FnMut(usize, R) -> Result<ControlFlow<()>, E>,
) -> Result<ControlFlow<()>, E> {
    if threads <= 1 {
        for index in 0..things {
            if take(index, work(index)?)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    }
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<R, E>>>> = Mutex::new((0..things).map(|_| None).collect());
    let arrived = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(things) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= things {
                        return;
                    }
                    let result = work(index);
                    if result.is_err() {
                        next.store(things, Ordering::Relaxed);
                    }
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results[index] = Some(result);
                    drop(results);
                    arrived.notify_one();
                }
            });
        }
        for index in 0..things {
            let mut slots = results.lock().unwrap_or_else(PoisonError::into_inner);
            let result = loop {
                if let Some(result) = slots[index].take() {
                    break result;
                }
                slots = arrived.wait(slots).unwrap_or_else(PoisonError::into_inner);
            };
            drop(slots);
            match result.and_then(|result| take(index, result)) {
                Ok(ControlFlow::Continue(())) => {}
                other => {
                    next.store(things, Ordering::Relaxed);
                    return other;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn results_come_in_order_although_work_is_done_at_once() {
        // Two at a time, or the barrier never opens; the later one of each pair is ready first.
        let barrier = Barrier::new(2);
        let mut taken = Vec::new();
        let done: Result<_, ()> = in_order(
            10,
            2,
            |n| {
                barrier.wait();
                Ok(n * n)
            },
            |n, square| {
                taken.push((n, square));
                Ok(ControlFlow::Continue(()))
            },
        );
        assert_eq!(done, Ok(ControlFlow::Continue(())));
        assert_eq!(taken, (0..10).map(|n| (n, n * n)).collect::<Vec<_>>());
    }

    #[test]
    fn everything_before_an_error_is_taken() {
        let mut taken = 0;
        let done: Result<ControlFlow<()>, usize> = in_order(
            100,
            4,
            |n| if n == 7 { Err(n) } else { Ok(()) },
            |n, ()| {
                assert!(n < 7);
                taken += 1;
                Ok(ControlFlow::Continue(()))
            },
        );
        assert_eq!((done, taken), (Err(7), 7));
    }

    #[test]
    fn nothing_more_is_begun_once_enough_was_taken() {
        let begun = AtomicUsize::new(0);
        let done: Result<_, ()> = in_order(
            1_000_000,
            2,
            |_| {
                begun.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
            |n, ()| match n {
                3 => Ok(ControlFlow::Break(())),
                _ => Ok(ControlFlow::Continue(())),
            },
        );
        assert_eq!(done, Ok(ControlFlow::Break(())));
        assert!(begun.into_inner() < 1_000_000);
        let nothing: Result<_, ()> =
            in_order(0, 4, |_| Ok(()), |_, ()| Ok(ControlFlow::Continue(())));
        assert_eq!(nothing, Ok(ControlFlow::Continue(())));
    }
}
