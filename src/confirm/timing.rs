//! How long connections take to be made: a layer around reqwest's connector, which does name lookup, TCP, proxy and TLS.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tower_layer::Layer;
use tower_service::Service;

/// The duration of the connection made last.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Mutex<Option<Duration>>>);

impl Clock {
    /// How long the connection took that was made since the last call; none if there was none.
    pub fn take(&self) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(duration);
    }
}

/// Times what it is put around.
#[derive(Clone, Debug)]
pub struct Timed(pub Clock);

/// A connector that is timed.
#[derive(Clone, Debug)]
pub struct TimedService<S> {
    inner: S,
    clock: Clock,
}

impl<S> Layer<S> for Timed {
    type Service = TimedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimedService { inner, clock: self.0.clone() }
    }
}

impl<S, R> Service<R> for TimedService<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (clock, start) = (self.clock.clone(), Instant::now());
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await;
            clock.set(start.elapsed());
            connection
        })
    }
}
