//! The check of exercise 25.

exercises::exercise! {
    use exercises::{Checked, ensure};
    use traitwire::{Endpoint, Pick, PickCall, tonic::metadata::MetadataMap};

    /// Whom it picks, of servers with so many calls. Those with a capital letter are near.
    fn picked(ready: &[(&str, usize)]) -> Checked<String> {
        let nearest = Nearest { near: ["A:1", "B:1"].map(str::to_owned).to_vec() };
        let endpoints = ready.iter().map(|(name, calls)| Endpoint::new(format!("{name}:1"), *calls));
        let endpoints: Vec<_> = endpoints.collect();
        let metadata = MetadataMap::new();
        let at = nearest.pick(&endpoints, &PickCall::new("/shop.v1.Shop/Buy", &metadata));
        match ready.get(at) {
            Some((name, _)) => Ok((*name).to_owned()),
            None => Err(format!("of {} servers you pick number {at}, counted from 0.", ready.len())),
        }
    }

    pub(crate) async fn check() -> Checked {
        ensure(
            picked(&[("x", 0), ("A", 3), ("y", 0)])? == "A",
            "a call goes to the other city, although a server that is near is ready.",
        )?;
        ensure(
            picked(&[("A", 5), ("x", 0), ("B", 2)])? == "B",
            "of two servers that are near, the call goes to the one on which more calls run.",
        )?;
        ensure(
            picked(&[("x", 4), ("y", 1), ("z", 2)])? == "y",
            "with nobody near, the call goes to a server on which more calls run than on another.",
        )
    }
}
