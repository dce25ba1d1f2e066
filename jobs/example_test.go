package jobs_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/sqlite"
)

// Another service asks for a video. The store is all that it needs: a worker
// that shares it does the rest.
func ExampleClient_CreateVideo() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "heyq")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, filepath.Join(dir, "heyq.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	client := jobs.NewClient(db)
	video, err := client.CreateVideo(ctx, jobs.NewVideo{
		Title:    "Welcome, Ada",
		Metadata: map[string]string{"customer": "42"},
		Render: jobs.Render{
			Script:   "Hello Ada, welcome aboard!",
			AvatarID: "avatar_1",
			VoiceID:  "voice_1",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(video.Title, "is", video.State)

	found, err := db.Video(ctx, store.Everyone(), video.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("for customer", found.Metadata["customer"])
	// Output:
	// Welcome, Ada is queued
	// for customer 42
}

// A request that cannot work names every field that is wrong, and what to do.
func ExampleNewVideo_Validate() {
	err := jobs.NewVideo{
		Priority: 11,
		Render:   jobs.Render{Script: "Hello Ada!", TemplateID: "template_1"},
	}.Validate()

	fmt.Println(err)
	// Output:
	// the video is not valid: priority: is out of range; give -10 to 10; template_id: cannot be given beside script; give exactly one source
}

// An order and its video are one transaction: neither is there without the
// other, and nothing else has to be told.
func ExampleNewClient_transaction() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "postgres://shop@localhost/shop")
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)

	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		video, err := jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, jobs.NewVideo{
			Render: jobs.Render{TemplateID: "template_1", Variables: map[string]any{"name": "Ada"}},
		})
		if err != nil {
			return err // rolls back: no order, no video
		}
		_, err = tx.Exec(ctx, "INSERT INTO orders (customer, video_id) VALUES ($1, $2)", 42, video.ID)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
