//! What can be replaced while it is in use.

use std::{
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use tokio::runtime::Handle;

use super::{
    TARGET, TlsError,
    certificate::describe,
    material::{Material, Sources},
};
use crate::call::lock;

/// Makes a configuration of what was read.
type Make<C> = Box<dyn Fn(&Material) -> Result<C, TlsError> + Send + Sync>;

/// A configuration that is made of what is read from its sources.
pub(super) struct Live<C> {
    make: Make<C>,
    /// What is in use, and where it came from.
    source: Mutex<(Sources, Material)>,
    current: RwLock<Arc<C>>,
}

impl<C: Send + Sync + 'static> Live<C> {
    pub(super) fn new(
        sources: Sources,
        make: impl Fn(&Material) -> Result<C, TlsError> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, TlsError> {
        let material = sources.read()?;
        let current = RwLock::new(Arc::new(make(&material)?));
        let source = Mutex::new((sources, material));
        Ok(Arc::new(Self { make: Box::new(make), source, current }))
    }

    pub(super) fn current(&self) -> Arc<C> {
        Arc::clone(&self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Changes where it comes from, if what is there can be used.
    pub(super) fn change(&self, change: impl FnOnce(&mut Sources)) -> Result<(), TlsError> {
        let mut source = lock(&self.source);
        let mut sources = source.0.clone();
        change(&mut sources);
        let material = sources.read()?;
        self.replace(&material)?;
        *source = (sources, material);
        Ok(())
    }

    /// Reads the files; whether anything was new.
    pub(super) fn reload(&self) -> Result<bool, TlsError> {
        let mut source = lock(&self.source);
        let material = source.0.read()?;
        if material == source.1 {
            return Ok(false);
        }
        self.replace(&material)?;
        source.1 = material;
        Ok(true)
    }

    fn replace(&self, material: &Material) -> Result<(), TlsError> {
        let new = Arc::new((self.make)(material)?);
        *self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = new;
        let certificate = material.identity.as_ref().map(|it| describe(&it.chain[0]));
        tracing::info!(target: TARGET, certificate, "renewed");
        Ok(())
    }

    /// Reads the files again and again, for as long as anybody uses what comes of them.
    pub(super) fn reload_every(self: &Arc<Self>, interval: Duration) -> Result<(), TlsError> {
        let runtime = Handle::try_current().map_err(|_| {
            TlsError::new("`reload_every` takes a tokio runtime, such as #[tokio::main]")
        })?;
        let live = Arc::downgrade(self);
        runtime.spawn(async move {
            let mut said = None;
            loop {
                tokio::time::sleep(interval).await;
                let Some(live) = live.upgrade() else { return };
                let reloaded = tokio::task::spawn_blocking(move || live.reload()).await;
                let failed = reloaded.ok().and_then(Result::err).map(|error| error.to_string());
                // A file may be written half. What is still wrong the next time was said.
                if failed != said
                    && let Some(reason) = &failed
                {
                    tracing::warn!(target: TARGET, reason, "not renewed: what there was stays in use");
                }
                said = failed;
            }
        });
        Ok(())
    }
}
