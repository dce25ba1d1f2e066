package main

import (
	"bytes"
	"fmt"
	"testing"

	"heyq/app/apptest"
	"heyq/client"
	"heyq/internal/testkit"
	"heyq/store/postgres/postgrestest"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// An order has its video, which heyq makes; what is no order has none.
func TestShop_real(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	h := apptest.Start(t, "DATABASE_URL="+database, "REDIS_URL="+testkit.Redis(t), "HEYQ_SIMULATOR=true")
	heyq := client.New(h.URL, h.Token)

	var out bytes.Buffer
	if err := run(t.Context(), database, []string{"-customer", "42", "-name", "Ada"}, &out); err != nil {
		t.Fatal(err)
	}
	var number int
	var id string
	if _, err := fmt.Sscanf(out.String(), "order %d is video %s", &number, &id); err != nil {
		t.Fatalf("%q: %v", out.String(), err)
	}
	testkit.Eventually(t, func() error {
		video, err := heyq.Videos.Get(t.Context(), id)
		if err == nil && (video.State != "completed" || video.Metadata["customer"] != "42") {
			err = fmt.Errorf("it is %s", video.State)
		}
		return err
	})

	if err := run(t.Context(), database, []string{"-customer", "-1", "-name", "Eve"}, &out); err == nil {
		t.Error("an order of no customer was taken")
	}
	if videos, err := heyq.Videos.List(t.Context(), "", 1, 10); err != nil || len(videos.Videos) != 1 {
		t.Errorf("there are %d videos, %v; want that of the order", len(videos.Videos), err)
	}
}
