//! What a write replaced, and how to put that back.
//!
//! An [`Image`] is made before a write. Putting back touches only what is still as the write left
//! it; an opt-out is not part of an image, since nothing ever loosens one. Pure. Start reading at
//! [`Image::put_back`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::FieldValue;

use super::{Base, Update};

/// What one write to one contact replaced. Keys are those of the side that was written to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Swap<String>>,
    /// By merge tag or source.
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Value>,
    /// By list id or tag.
    #[serde(rename = "g", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, Group>,
    /// The write opted the person out as well; that stays.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub opt_out: bool,
    /// What was there had not been read in that run, but was what both sides last agreed on.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub believed: bool,
    /// Keys whose value from before was in no form that a rule could hold.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Swap<T> {
    #[serde(rename = "b")]
    pub before: T,
    #[serde(rename = "a")]
    pub after: T,
}

/// A field before and after, and what was remembered of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Value {
    #[serde(flatten)]
    pub swap: Swap<Option<FieldValue>>,
    /// Merge tag under which it is remembered.
    #[serde(rename = "t")]
    pub tag: String,
    /// `None`: nothing was.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub remembered: Option<Remembered>,
}

/// A remembered value; it may have been empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    #[serde(rename = "v")]
    pub value: Option<FieldValue>,
}

/// A membership or tag before and after, and what was remembered of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    #[serde(flatten)]
    pub swap: Swap<bool>,
    /// List id under which it is remembered.
    #[serde(rename = "t")]
    pub list: String,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub remembered: Option<bool>,
}

/// A contact as it is now; what no rule can read is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Now {
    /// Trimmed and lower-cased.
    pub email: Option<String>,
    pub values: BTreeMap<String, Option<FieldValue>>,
    pub groups: BTreeMap<String, bool>,
}

/// What putting an image back comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PutBack {
    /// What has to be written.
    pub update: Update,
    /// What that write replaces in turn.
    pub image: Image,
    /// Keys that are as they were before, whoever did it.
    pub already: Vec<String>,
    /// Keys that were changed since and stay as they are, or that cannot be put back.
    pub left: Vec<String>,
}

/// As messages call the address.
const EMAIL: &str = "email";

impl Image {
    /// Nothing that could be put back, or that should be told.
    pub fn is_empty(&self) -> bool {
        let believed = Image {
            believed: self.believed,
            ..Image::default()
        };
        *self == believed
    }

    /// Adds what a later write of the same run to the same contact replaced.
    pub fn then(&mut self, later: Image) {
        if let Some(email) = later.email {
            match &mut self.email {
                Some(first) => first.after = email.after,
                None => self.email = Some(email),
            }
        }
        for (key, value) in later.values {
            match self.values.get_mut(&key) {
                Some(first) => first.swap.after = value.swap.after,
                None => drop(self.values.insert(key, value)),
            }
        }
        for (key, group) in later.groups {
            match self.groups.get_mut(&key) {
                Some(first) => first.swap.after = group.swap.after,
                None => drop(self.groups.insert(key, group)),
            }
        }
        self.opt_out |= later.opt_out;
        self.believed |= later.believed;
        self.lost.extend(later.lost);
    }

    /// What has to be written to a contact so that it is again as it was, as far as nothing has
    /// changed since.
    pub fn put_back(&self, now: &Now) -> PutBack {
        let mut back = PutBack {
            left: self.lost.clone(),
            ..PutBack::default()
        };
        if let Some(swap) = &self.email {
            match now.email.as_deref() {
                Some(email) if email == swap.after && !swap.before.is_empty() => {
                    back.update.email = Some(swap.before.clone());
                    back.image.email = Some(swap.turned());
                }
                Some(email) if email == swap.before => back.already.push(EMAIL.to_owned()),
                _ => back.left.push(EMAIL.to_owned()),
            }
        }
        for (key, value) in &self.values {
            let swap = &value.swap;
            match now.values.get(key) {
                Some(there) if *there == swap.before => back.already.push(key.clone()),
                Some(there) if *there == swap.after => {
                    match (&swap.before, there) {
                        (Some(before), _) => back.update.set.push((key.clone(), before.clone())),
                        (None, Some(there)) => back.update.clear.push((key.clone(), there.clone())),
                        (None, None) => {}
                    }
                    let image = Value {
                        swap: swap.turned(),
                        tag: value.tag.clone(),
                        remembered: Some(Remembered {
                            value: swap.after.clone(),
                        }),
                    };
                    back.image.values.insert(key.clone(), image);
                }
                _ => back.left.push(key.clone()),
            }
        }
        for (key, group) in &self.groups {
            let swap = &group.swap;
            match now.groups.get(key) {
                Some(there) if *there == swap.before => back.already.push(key.clone()),
                Some(_) => {
                    match swap.before {
                        true => back.update.join.push(key.clone()),
                        false => back.update.leave.push(key.clone()),
                    }
                    let image = Group {
                        swap: swap.turned(),
                        list: group.list.clone(),
                        remembered: Some(swap.after),
                    };
                    back.image.groups.insert(key.clone(), image);
                }
                None => back.left.push(key.clone()),
            }
        }
        back
    }

    /// Lets a memory say again what it said before the write, about all that is not left as it is;
    /// otherwise what was put back would look like somebody's change.
    pub fn remember_before(&self, back: &PutBack, base: &mut Base) {
        let left = |key: &String| back.left.contains(key);
        if let Some(swap) = &self.email
            && !left(&EMAIL.to_owned())
            && base.email == swap.after
        {
            base.email.clone_from(&swap.before);
        }
        for (_, value) in self.values.iter().filter(|(key, _)| !left(key)) {
            if base.fields.get(&value.tag) == Some(&value.swap.after) {
                match &value.remembered {
                    Some(before) => {
                        drop(base.fields.insert(value.tag.clone(), before.value.clone()))
                    }
                    None => drop(base.fields.remove(&value.tag)),
                }
            }
        }
        for (_, group) in self.groups.iter().filter(|(key, _)| !left(key)) {
            if base.lists.get(&group.list) == Some(&group.swap.after) {
                match group.remembered {
                    Some(before) => drop(base.lists.insert(group.list.clone(), before)),
                    None => drop(base.lists.remove(&group.list)),
                }
            }
        }
    }
}

impl<T: Clone> Swap<T> {
    fn turned(&self) -> Swap<T> {
        Swap {
            before: self.after.clone(),
            after: self.before.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<FieldValue> {
        Some(FieldValue::Text(value.to_owned()))
    }

    fn value(before: Option<FieldValue>, after: Option<FieldValue>) -> Value {
        Value {
            remembered: Some(Remembered {
                value: before.clone(),
            }),
            swap: Swap { before, after },
            tag: "NAME".to_owned(),
        }
    }

    fn image() -> Image {
        Image {
            email: Some(Swap {
                before: "old@example.com".to_owned(),
                after: "new@example.com".to_owned(),
            }),
            values: [("NAME".to_owned(), value(text("Old"), text("New")))].into(),
            groups: [(
                "l-1".to_owned(),
                Group {
                    swap: Swap {
                        before: false,
                        after: true,
                    },
                    list: "l-1".to_owned(),
                    remembered: None,
                },
            )]
            .into(),
            opt_out: true,
            ..Image::default()
        }
    }

    fn now(email: &str, name: Option<FieldValue>, member: bool) -> Now {
        Now {
            email: Some(email.to_owned()),
            values: [("NAME".to_owned(), name)].into(),
            groups: [("l-1".to_owned(), member)].into(),
        }
    }

    #[test]
    fn what_is_as_the_write_left_it_is_put_back() {
        let back = image().put_back(&now("new@example.com", text("New"), true));
        assert_eq!(back.update.email.as_deref(), Some("old@example.com"));
        assert_eq!(back.update.set, [("NAME".to_owned(), text("Old").unwrap())]);
        assert_eq!(back.update.leave, ["l-1"]);
        assert_eq!(back.update.opt_out, None, "an opt-out is never undone");
        assert_eq!((back.already.len(), back.left.len()), (0, 0));
        // Undone in turn, it is as before.
        let again = back
            .image
            .put_back(&now("old@example.com", text("Old"), false));
        assert_eq!(again.update.email.as_deref(), Some("new@example.com"));
        assert_eq!(
            again.update.set,
            [("NAME".to_owned(), text("New").unwrap())]
        );
        assert_eq!(again.update.join, ["l-1"]);
    }

    #[test]
    fn what_has_changed_since_is_left_and_what_is_back_already_too() {
        let back = image().put_back(&now("third@example.com", text("Third"), false));
        assert!(back.update.is_empty() && back.image.is_empty());
        assert_eq!(back.left, ["email", "NAME"]);
        assert_eq!(back.already, ["l-1"]);
        let back = image().put_back(&now("old@example.com", text("Old"), true));
        assert_eq!(back.already, ["email", "NAME"]);
        assert_eq!(back.update.leave, ["l-1"]);
        // What cannot be read is not touched.
        let back = image().put_back(&Now::default());
        assert!(back.update.is_empty());
        assert_eq!(back.left, ["email", "NAME", "l-1"]);
    }

    #[test]
    fn empty_values_come_and_go() {
        let filled = Image {
            values: [("NAME".to_owned(), value(None, text("New")))].into(),
            ..Image::default()
        };
        let back = filled.put_back(&now("x", text("New"), false));
        assert_eq!(
            back.update.clear,
            [("NAME".to_owned(), text("New").unwrap())]
        );
        let cleared = Image {
            values: [("NAME".to_owned(), value(text("Old"), None))].into(),
            ..Image::default()
        };
        let back = cleared.put_back(&now("x", None, false));
        assert_eq!(back.update.set, [("NAME".to_owned(), text("Old").unwrap())]);
    }

    #[test]
    fn several_writes_of_one_run_are_one_image() {
        let mut first = Image {
            values: [("NAME".to_owned(), value(text("1"), text("2")))].into(),
            ..Image::default()
        };
        first.then(Image {
            values: [("NAME".to_owned(), value(text("2"), text("3")))].into(),
            opt_out: true,
            ..Image::default()
        });
        let swap = &first.values["NAME"].swap;
        assert_eq!((&swap.before, &swap.after), (&text("1"), &text("3")));
        assert!(first.opt_out);
    }

    #[test]
    fn the_memory_goes_back_with_the_values() {
        let mut base = Base {
            email: "new@example.com".to_owned(),
            fields: [("NAME".to_owned(), text("New"))].into(),
            lists: [("l-1".to_owned(), true)].into(),
            ..Base::default()
        };
        let back = image().put_back(&now("new@example.com", text("New"), true));
        image().remember_before(&back, &mut base);
        assert_eq!(base.email, "old@example.com");
        assert_eq!(base.fields["NAME"], text("Old"));
        assert!(base.lists.is_empty());
        // What somebody changed since stays as it is, and so does its memory.
        let mut base = Base {
            fields: [("NAME".to_owned(), text("New"))].into(),
            ..Base::default()
        };
        let back = image().put_back(&now("x@example.com", text("Third"), true));
        image().remember_before(&back, &mut base);
        assert_eq!(base.fields["NAME"], text("New"));
    }

    #[test]
    fn an_image_survives_being_stored() {
        let stored = serde_json::to_string(&image()).unwrap();
        assert_eq!(serde_json::from_str::<Image>(&stored).unwrap(), image());
        assert!(stored.len() < 300, "{stored}");
    }
}
