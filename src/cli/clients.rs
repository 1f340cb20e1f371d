//! Both services, ready for a profile: clients that ask for what its rules need, and its names
//! resolved.
//!
//! Start reading at [`connect`].

use std::collections::BTreeSet;

use crate::api::bigmailer::Bigmailer;
use crate::api::ghl::Ghl;
use crate::engine::{Resolved, Sides};
use crate::fit::{Services, fit};
use crate::mapping::Profile;

use super::context::Context;
use super::error::CliError;
use super::report;

/// The two clients and what the profile comes to with them.
pub struct Clients {
    pub ghl: Ghl,
    pub bigmailer: Bigmailer,
    pub services: Services,
    pub resolved: Resolved,
}

impl Clients {
    pub fn sides(&self) -> Sides<'_> {
        Sides {
            ghl: &self.ghl,
            bigmailer: &self.bigmailer,
        }
    }

    /// Asks for these values as well, by source and by merge tag.
    pub fn want_also(
        &mut self,
        sources: &BTreeSet<String>,
        merge_tags: &BTreeSet<String>,
    ) -> Result<(), CliError> {
        let mut all: BTreeSet<String> =
            self.resolved.profile.wanted_sources().into_iter().collect();
        all.extend(sources.iter().cloned());
        self.ghl.want(&Vec::from_iter(all))?;
        let mut all: BTreeSet<String> = self.resolved.wanted_targets().into_iter().collect();
        all.extend(merge_tags.iter().cloned());
        self.bigmailer.want(&Vec::from_iter(all));
        Ok(())
    }
}

/// Makes the clients and compares the profile with what the services have.
///
/// # Errors
/// What a refused credential, a service that is away, or a profile that does not fit end a command
/// with.
pub fn connect(context: &Context, profile: &Profile) -> Result<Clients, CliError> {
    let mut ghl = context.ghl(profile)?;
    let mut bigmailer = context.bigmailer(profile)?;
    let services = context.services(profile, &ghl, &bigmailer)?;
    let mut fitted = fit(profile, &services);
    let Some(resolved) = fitted.resolved.take() else {
        return Err(report::misfit(profile, &fitted));
    };
    ghl.want(&profile.wanted_sources())?;
    bigmailer.want(&resolved.wanted_targets());
    Ok(Clients {
        ghl,
        bigmailer,
        services,
        resolved,
    })
}
