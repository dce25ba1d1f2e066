// Birthdays has a video made for each person of a CSV file whose birthday it is, waits for
// them, and saves them. Let cron run it every morning: who has had a video this year gets no
// second one, however often it runs.
//
//	heyq up                                        # in another terminal
//	export HEYQ_KEY=$(cat heyq-data/operator-token)
//	go run ./examples/birthdays -day 2030-12-10
//
// HEYQ_URL says where heyq is, if it is not on this machine. The file has the columns name,
// email and birthday.
package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"heyq/client"
	"heyq/wire"
)

//go:embed people.csv
var everyone []byte

func main() {
	heyq := client.New(cmp.Or(os.Getenv("HEYQ_URL"), "http://127.0.0.1:8080"), os.Getenv("HEYQ_KEY"))
	if err := run(context.Background(), heyq, os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, heyq *client.Client, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("birthdays", flag.ExitOnError)
	file := flags.String("people", "", "CSV file; without it the one of the example")
	dir := flags.String("dir", "birthdays", "folder for the videos")
	on := flags.String("day", time.Now().Format(time.DateOnly), "whose birthday it is on that day")
	_ = flags.Parse(args) // ends the program if it fails
	day, err := time.Parse(time.DateOnly, *on)
	if err != nil {
		return err
	}
	content := everyone
	if *file != "" {
		if content, err = os.ReadFile(*file); err != nil {
			return err
		}
	}
	people, err := born(content, day)
	if err != nil || len(people) == 0 {
		return err
	}
	videos := make([]wire.NewVideo, len(people))
	for i, p := range people {
		videos[i] = p.video(day)
	}
	items, err := heyq.Videos.CreateBatch(ctx, client.Batch{Videos: videos}) // up to wire.MaxBatch at once
	if err != nil {
		return err
	}
	var failed []error
	for i, item := range items {
		path := filepath.Join(*dir, people[i].email+".mp4")
		if err := save(ctx, heyq, item.ID, path); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", people[i].name, err))
			continue
		}
		fmt.Fprintf(out, "%s: %s\n", people[i].name, path)
	}
	return errors.Join(failed...)
}

type person struct{ name, email string }

// video asks for a greeting. The key makes it one video a year, whatever day's run it is in.
func (p person) video(day time.Time) wire.NewVideo {
	first, _, _ := strings.Cut(p.name, " ")
	return wire.NewVideo{
		Title:          "Happy birthday, " + first,
		Metadata:       map[string]string{"email": p.email},
		IdempotencyKey: fmt.Sprintf("birthday-%d-%s", day.Year(), p.email),
		Render:         wire.Render{Script: "Happy birthday, " + first + "! All of us wish you a wonderful year.", AvatarID: "avatar_1", VoiceID: "voice_1"},
	}
}

// born are those whose birthday is on a day. In a year that has no 29th of February, who
// was born then has it on the 28th.
func born(content []byte, day time.Time) (people []person, err error) {
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if i == 0 { // the headings
			continue
		}
		if len(row) != 3 || !filepath.IsLocal(row[1]) || strings.ContainsAny(row[1], `/\`) {
			return nil, fmt.Errorf("line %d: want a name, an e-mail and a birthday", i+1)
		}
		birthday, err := time.Parse(time.DateOnly, row[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		date := time.Date(day.Year(), birthday.Month(), birthday.Day(), 0, 0, 0, 0, time.UTC)
		if date.Day() != birthday.Day() {
			date = date.AddDate(0, 0, -1)
		}
		if date.Equal(day) {
			people = append(people, person{row[0], row[1]})
		}
	}
	return people, nil
}

// save waits for the end of a video, and writes its file.
func save(ctx context.Context, heyq *client.Client, id, path string) error {
	video, err := heyq.Videos.Get(ctx, id)
	for ; err == nil && !video.State.Final(); video, err = heyq.Videos.Get(ctx, id) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	if err != nil {
		return err
	}
	if video.File == nil {
		return fmt.Errorf("video %s is %s", id, video.State)
	}
	body, err := heyq.Videos.File(ctx, id)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, body)
	return errors.Join(err, file.Close())
}
