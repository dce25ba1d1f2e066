// Shop takes an order for a greeting. The order and its video are inserted in one
// transaction: neither is there without the other, and nothing has to be told afterwards.
// heyq's workers find the video by themselves once the transaction commits.
//
//	export DATABASE_URL=postgres://heyq:secret@db/heyq    # heyq's, after `heyq migrate up`
//	go run ./examples/shop -customer 42 -name Ada
//
// heyq keeps its tables in the schema heyq, and the shop has its own in another one of the
// same database.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/jobs"
	"heyq/store/postgres"
)

func main() {
	if err := run(context.Background(), os.Getenv("DATABASE_URL"), os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

const tables = `CREATE TABLE IF NOT EXISTS orders (
	number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer bigint NOT NULL CHECK (customer > 0),
	video_id uuid NOT NULL UNIQUE
)`

func run(ctx context.Context, database string, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("shop", flag.ExitOnError)
	customer := flags.Int64("customer", 0, "number of the customer")
	name := flags.String("name", "", "who is greeted")
	_ = flags.Parse(args) // ends the program if it fails
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(ctx)) }()
	if _, err := db.Exec(ctx, tables); err != nil {
		return err
	}
	number, video, err := order(ctx, db, *customer, *name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "order %d is video %s\n", number, video)
	return nil
}

// order takes an order: its row and its video, or neither.
func order(ctx context.Context, db *pgx.Conn, customer int64, name string) (number int64, id uuid.UUID, err error) {
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		video, err := jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, jobs.NewVideo{
			Title:    "Hello " + name,
			Metadata: map[string]string{"customer": fmt.Sprint(customer)},
			Render:   jobs.Render{Script: "Hello " + name + ", thank you for your order!", AvatarID: "avatar_1", VoiceID: "voice_1"},
		})
		if err != nil {
			return err // rolls back
		}
		id = video.ID
		const insert = `INSERT INTO orders (customer, video_id) VALUES ($1, $2) RETURNING number`
		return tx.QueryRow(ctx, insert, customer, id).Scan(&number)
	})
	return number, id, err
}
