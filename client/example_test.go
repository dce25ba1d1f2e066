package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"

	"heyq/api"
	"heyq/client"
	"heyq/jobs"
	"heyq/store/sqlite"
	"heyq/wire"
)

// Example asks for a video, follows it, and sees what a refusal says. If the
// example starts an API of its own, a program gives the address of its heyq, and the
// operator token.
func Example() {
	ctx := context.Background()
	address, stop := startAPI(ctx)
	defer stop()

	heyq := client.New(address, "")
	greeting := wire.NewVideo{Title: "Hello Ada", Render: wire.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"}}
	video, err := heyq.Videos.Create(ctx, greeting, "order-4711")
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := heyq.Videos.Create(ctx, greeting, "order-4711")
	fmt.Println("made once:", again.ID == video.ID, err)

	video, err = heyq.Videos.Get(ctx, video.ID)
	fmt.Println(video.Title, "is", video.State, err)

	_, err = heyq.Videos.Create(ctx, wire.NewVideo{Priority: 11}, "")
	if refusal, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refusal.Code)
		for _, f := range refusal.Fields {
			fmt.Println(f.Name, f.Message)
		}
	}
	// Output:
	// made once: true <nil>
	// Hello Ada is queued <nil>
	// invalid
	// priority is out of range; give -10 to 10
	// script is empty, and there is no other source; give script, audio_url, template_id or heygen
}

// startAPI serves the API on a database in a folder that stop removes.
func startAPI(ctx context.Context) (address string, stop func()) {
	dir, err := os.MkdirTemp("", "heyq")
	if err != nil {
		panic(err)
	}
	db, err := sqlite.Open(ctx, dir+"/heyq.db")
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(api.New(api.Options{Client: jobs.NewClient(db), Store: db}))
	return server.URL, func() {
		server.Close()
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
}
