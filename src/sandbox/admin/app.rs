//! The app at the back door: its settings, its tokens without their texts, and what an agency or
//! the passing of time does to them. Start with [`answer`].

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::brand::members;
use super::super::location::{Grant, Location, Settings};
use super::super::world::World;
use super::{Refused, bad, broken, none, object};

/// Answers what is asked of `/ghl/app`.
pub(super) fn answer(
    world: &World,
    method: &str,
    rest: &[&str],
    body: Value,
) -> Result<Value, Refused> {
    let now = world.clock.now();
    let (outcome, kept) = world.with_ghl(|location| match (method, rest) {
        ("GET", []) => Ok(shown(location)),
        ("PATCH", []) => {
            let mut settings = members(json!(location.app.settings));
            settings.extend(object(body)?);
            let settings = Settings::deserialize(Value::Object(settings));
            location.put_app(settings.map_err(|error| bad(error.to_string()))?);
            Ok(shown(location))
        }
        ("GET", ["tokens"]) => {
            let tokens: Vec<Value> = location.app.grants().iter().map(Grant::shown).collect();
            Ok(json!({"tokens": tokens}))
        }
        ("POST", ["tokens"]) => issue(location, &body, now),
        ("POST", ["expire"]) => Ok(json!({"expired": location.expire(now)})),
        ("POST", ["uninstall"]) => Ok(json!({"revoked": location.uninstall(now)})),
        _ => Err(none()),
    });
    kept.map_err(broken)?;
    outcome
}

fn shown(location: &Location) -> Value {
    let mut shown = json!(location.app.settings);
    shown["appId"] = json!(location.app.settings.app_id());
    shown["counts"] = json!(location.app.counts);
    shown
}

/// Makes a pair without authorize page and code. Without a word it is for the location, with every
/// scope that the app may have.
fn issue(location: &mut Location, body: &Value, now: i64) -> Result<Value, Refused> {
    let home = match body["userType"].as_str() {
        None | Some("Location") => {
            let id = body["locationId"].as_str().unwrap_or(&location.id);
            Some(id.to_owned())
        }
        Some("Company") => None,
        Some(_) => return Err(bad("userType must be Location or Company")),
    };
    let settings = &location.app.settings;
    let scopes = match body["scope"].as_str() {
        Some(scope) => settings.granted(scope),
        None => settings.scopes.clone(),
    };
    location.install(home.as_deref(), now);
    let grant = location.issue(home, scopes, true, now);
    let mut answer = grant.shown();
    answer["access_token"] = json!(grant.access);
    answer["refresh_token"] = json!(grant.refresh);
    Ok(answer)
}
