//! Where the orders are kept.

use tokio_rusqlite::{
    Connection, OptionalExtension,
    rusqlite::{self, Row, named_params},
};

use crate::{Error, Order};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT NOT NULL PRIMARY KEY,
        description TEXT NOT NULL,
        price REAL NOT NULL,
        destination TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS items (
        order_id TEXT NOT NULL REFERENCES orders,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (order_id, position)
    ) STRICT, WITHOUT ROWID;
";

/// How many orders a search takes out of the store at a time.
const PAGE: u32 = 16;

/// Orders in an SQLite database.
///
/// SQLite blocks, so it has a thread of its own. Calls of any task go there and are done one after
/// the other, so one store is shared by all calls as it is.
pub struct Store {
    database: Connection,
}

impl Store {
    /// The database in this file, which is made if it is missing. `:memory:` is one that ends with
    /// the store.
    pub async fn open(path: &str) -> Result<Self, Error> {
        let database = Connection::open(path).await.map_err(tokio_rusqlite::Error::Error)?;
        database.call(|database| database.execute_batch(TABLES)).await?;
        Ok(Self { database })
    }

    /// The order with this id.
    pub async fn get(&self, id: &str) -> Result<Option<Order>, Error> {
        let id = id.to_owned();
        let found = self.database.call(move |database| {
            let mut orders = database.prepare_cached("SELECT * FROM orders WHERE id = ?")?;
            let order = orders.query_row([id], order).optional()?;
            order.map(|order| with_items(database, order)).transpose()
        });
        Ok(found.await?)
    }

    /// The first orders behind `after` that have an item with this word in it, sorted by id. No
    /// more than a page, so a search holds neither a lock nor a statement while its caller reads.
    pub async fn search(&self, word: &str, after: &str) -> Result<Vec<Order>, Error> {
        let (word, after) = (word.to_owned(), after.to_owned());
        let found = self.database.call(move |database| {
            let mut orders = database.prepare_cached(
                "SELECT * FROM orders WHERE id > :after AND EXISTS
                     (SELECT * FROM items WHERE order_id = orders.id AND instr(name, :word))
                 ORDER BY id LIMIT :page",
            )?;
            let bounds = named_params! { ":word": word, ":after": after, ":page": PAGE };
            let orders = orders.query_map(bounds, order)?;
            orders.map(|order| with_items(database, order?)).collect()
        });
        Ok(found.await?)
    }

    /// Stores each order under its id: all of them, or none.
    pub async fn put(&self, orders: Vec<Order>) -> Result<(), Error> {
        let stored = self.database.call(move |database| {
            // Whatever returns before `commit` rolls back.
            let transaction = database.transaction()?;
            for order in orders {
                put(&transaction, &order)?;
            }
            transaction.commit()
        });
        Ok(stored.await?)
    }
}

fn put(database: &rusqlite::Connection, order: &Order) -> rusqlite::Result<()> {
    database.prepare_cached("DELETE FROM items WHERE order_id = ?")?.execute([&order.id])?;
    database.prepare_cached("REPLACE INTO orders VALUES (?, ?, ?, ?)")?.execute((
        &order.id,
        &order.description,
        order.price,
        &order.destination,
    ))?;
    let mut items = database.prepare_cached("INSERT INTO items VALUES (?, ?, ?)")?;
    for (position, name) in (0_u32..).zip(&order.items) {
        items.execute((&order.id, position, name))?;
    }
    Ok(())
}

/// An order, still without its items.
fn order(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        id: row.get("id")?,
        items: Vec::new(),
        description: row.get("description")?,
        price: row.get("price")?,
        destination: row.get("destination")?,
    })
}

fn with_items(database: &rusqlite::Connection, order: Order) -> rusqlite::Result<Order> {
    let mut items =
        database.prepare_cached("SELECT name FROM items WHERE order_id = ? ORDER BY position")?;
    let names = items.query_map([&order.id], |row| row.get(0))?;
    Ok(Order { items: names.collect::<rusqlite::Result<_>>()?, ..order })
}
