//go:build bench

package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	"amiable/negotiation/database"
)

// embedded measures the default database, one after the other: W7.
func (b *bench) embedded() {
	const files = 6_000
	url := "sqlite:" + filepath.Join(b.folder, "world.db")
	db, err := database.Open(b.Context(), url)
	b.must(err)
	b.Cleanup(func() { _ = db.Close() })
	b.settle(db)
	b.importInto(url, b.file("few.csv", files))
	w := &benchWorld{url: url, db: db}
	b.begin(w)
	site := b.serve(url, "--no-jobs")
	defer site.stop()
	bare := b.barePosting()
	queue := &benchQueue{list: w.paid}
	next := func() []byte {
		p, ok := queue.take()
		if !ok {
			return nil
		}
		return signed(site.address, webhookSecret, p, p.payment, time.Now())
	}
	settled := b.settled
	b.settled = 0
	defer func() { b.settled = settled }()
	b.sound(b.load(site.address, 1, next), db, "sqlite, warm")
	var over []float64
	note := "per s, ours/bare:"
	for range b.rounds {
		limit := bare()
		ours := b.sound(b.load(site.address, 1, next), db, "sqlite")
		over = append(over, ours.tps/limit)
		note += fmt.Sprintf(" %.0f/%.0f", ours.tps, limit)
	}
	b.goal("W7", "SQLite: signed webhook, c=1, over the bare posting, both synchronous=FULL", over, 0.4, 0.7, note)
}

// barePosting posts to a file of its own: an event, three entries, a balance.
func (b *bench) barePosting() func() float64 {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.folder, "bare.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	b.must(err)
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`create table pl_event(id integer primary key, ext_key text not null unique, kind text, amount int, currency text, created_at text default current_timestamp)`,
		`create table pl_entry(id integer primary key, event_id int not null, account_id int not null, amount int not null, currency text)`,
		`create index pl_entry_acc on pl_entry(account_id,id)`,
		`create table pl_balance(account_id integer primary key, balance int not null, version int not null)`,
		`insert into pl_balance select value,0,0 from (with recursive c(value) as (select 1 union all select value+1 from c where value<10000) select value from c)`,
	} {
		_, err := db.Exec(statement)
		b.must(err)
	}
	n := 0
	post := func() {
		n++
		tx, err := db.Begin()
		b.must(err)
		done, err := tx.Exec("insert into pl_event(ext_key, kind, amount, currency) values (?, 'payment', 10000, 'EUR')", fmt.Sprint("bare-", n))
		b.must(err)
		event, err := done.LastInsertId()
		b.must(err)
		for _, entry := range [][2]int{{1 + n%10_000, -10_000}, {-1, 9_000}, {-2, 1_000}} {
			_, err = tx.Exec("insert into pl_entry(event_id, account_id, amount, currency) values (?, ?, ?, 'EUR')", event, entry[0], entry[1])
			b.must(err)
		}
		_, err = tx.Exec("update pl_balance set balance = balance - 10000, version = version + 1 where account_id = ?", 1+n%10_000)
		b.must(err)
		b.must(tx.Commit())
	}
	return func() float64 {
		began, before := time.Now(), n
		for time.Since(began) < b.turn {
			post()
		}
		return float64(n-before) / time.Since(began).Seconds()
	}
}
