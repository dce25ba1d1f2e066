package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"heyq/app/apptest"
	"heyq/client"
	"heyq/wire"
)

// The examples share one heyq, which is started by the first of them.
var (
	stop  = func() error { return nil }
	house = sync.OnceValue(func() apptest.Heyq {
		dir, err := os.MkdirTemp("", "heyq")
		if err != nil {
			panic(err)
		}
		h, end, err := apptest.Run(dir, "HEYQ_NOTIFY_ALLOW_PRIVATE=true", "HEYQ_NOTIFY_SECRET="+notifySecret)
		if err != nil {
			panic(err)
		}
		stop = func() error { return errors.Join(end(), os.RemoveAll(dir)) }
		return h
	})
)

const notifySecret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

func TestMain(m *testing.M) {
	m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// connect returns a client of that heyq. A program gives the address of its own, and a key.
func connect() (*client.Client, context.Context) {
	h := house()
	return client.New(h.URL, h.Token), context.Background()
}

// hello is a request for a video, which waits for that year to come.
func hello(name string) wire.NewVideo {
	return wire.NewVideo{
		Title: "Hello " + name, NotBefore: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		Render: wire.Render{Script: "Hello " + name + "!", AvatarID: "avatar_1", VoiceID: "voice_1"},
	}
}

// Example asks for a video, follows it, and sees what a refusal says.
func Example() {
	heyq, ctx := connect()
	video, err := heyq.Videos.Create(ctx, hello("Ada"), "order-4711")
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := heyq.Videos.Create(ctx, hello("Ada"), "order-4711")
	fmt.Println("made once:", again.ID == video.ID, err)

	video, err = heyq.Videos.Get(ctx, video.ID)
	fmt.Println(video.Title, "is", video.State, err)

	_, err = heyq.Videos.Create(ctx, wire.NewVideo{Priority: 11}, "")
	if refusal, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refusal.Code, refusal.Status, refusal.RequestID != "")
		for _, f := range refusal.Fields {
			fmt.Println(f.Name, f.Message)
		}
	}
	// Output:
	// made once: true <nil>
	// Hello Ada is queued <nil>
	// invalid 422 true
	// priority is out of range; give -10 to 10
	// script is empty, and there is no other source; give script, audio_url, template_id or heygen
}

// A video that is not wanted any more is cancelled. Lists go on by themselves.
func ExampleVideos() {
	heyq, ctx := connect()
	for _, name := range []string{"Grace", "Alan"} {
		video, err := heyq.Videos.Create(ctx, hello(name), "")
		if err == nil {
			_, err = heyq.Videos.Cancel(ctx, video.ID)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	for video, err := range heyq.Videos.All(ctx, client.VideoFilter{State: "cancelled"}) {
		fmt.Println(video.Title, err)
	}
	// Output:
	// Hello Alan <nil>
	// Hello Grace <nil>
}

// A finished video is a file.
func ExampleVideos_File() {
	heyq, ctx := connect()
	now := hello("Edsger")
	now.NotBefore = time.Time{}
	video, err := heyq.Videos.Create(ctx, now, "")
	for err == nil && !video.State.Final() {
		time.Sleep(100 * time.Millisecond)
		video, err = heyq.Videos.Get(ctx, video.ID)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := heyq.Videos.File(ctx, video.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	n, err := io.Copy(io.Discard, file)
	fmt.Println(video.State, "and whole:", n == video.File.Bytes, err)
	// Output: completed and whole: true <nil>
}

// With Partial the good ones of a list are made, and the others are told of.
func ExampleVideos_CreateBatch() {
	heyq, ctx := connect()
	lost := hello("Barbara")
	lost.Script = ""
	items, err := heyq.Videos.CreateBatch(ctx, client.Batch{Videos: []wire.NewVideo{hello("Donald"), lost}, Partial: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range items {
		if item.Error != nil {
			fmt.Println(item.Index, item.Error.Message)
			continue
		}
		fmt.Println(item.Index, item.State)
	}
	// Output:
	// 0 queued
	// 1 script: is empty, and there is no other source; give script, audio_url, template_id or heygen
}

// A user is made with its profile, and found by a part of the name.
func ExampleUsers() {
	heyq, ctx := connect()
	email, name, zone := "margaret@example.com", "Margaret", "America/New_York"
	user, err := heyq.Users.Create(ctx, wire.UserChange{Email: &email, FirstName: &name})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = heyq.Users.Create(ctx, wire.UserChange{Email: &email})
	if refusal, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println("again:", refusal.Code)
	}
	if _, err := heyq.Users.Update(ctx, user.ID, wire.UserChange{TimeZone: &zone}); err != nil {
		fmt.Println(err)
	}
	for found, err := range heyq.Users.All(ctx, "garet") {
		fmt.Println(found.Email, found.TimeZone, found.Role, err)
	}
	fmt.Println("deleted:", heyq.Users.Delete(ctx, user.ID, "keep"))
	// Output:
	// again: conflict
	// margaret@example.com America/New_York member <nil>
	// deleted: <nil>
}

// A key lets a program in, until it is revoked.
func ExampleKeys() {
	heyq, ctx := connect()
	made, err := heyq.Keys.Create(ctx, wire.NewKey{Name: "the shop", Scopes: []string{"videos:read"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	shop := client.New(house().URL, made.Secret)
	_, err = shop.Videos.List(ctx, "", 1, 10)
	fmt.Println("reads:", err)
	_, err = shop.Videos.Create(ctx, hello("Ada"), "")
	if refusal, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println("writes:", refusal.Message)
	}
	revoked, err := heyq.Keys.Revoke(ctx, made.ID)
	fmt.Println(revoked.Name, "is revoked:", revoked.RevokedAt != nil, err)
	// Output:
	// reads: <nil>
	// writes: the key lacks the scope videos:write; use a key that has it
	// the shop is revoked: true <nil>
}

// A user gets three turns for one of another's.
func ExampleTurns() {
	heyq, ctx := connect()
	email, weight, slots := "katherine@example.com", 3.0, 2
	user, err := heyq.Users.Create(ctx, wire.UserChange{Email: &email})
	if err != nil {
		fmt.Println(err)
		return
	}
	turn, err := heyq.Turns.Set(ctx, user.ID, wire.TurnChange{Weight: &weight, Slots: &slots})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("weight", turn.Weight, "slots", *turn.Slots)
	// Output: weight 3 slots 2
}

// Many jobs are found and changed by what they have in common, or by their ids.
func ExampleJobs() {
	heyq, ctx := connect()
	video, err := heyq.Videos.Create(ctx, hello("Dorothy"), "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for job, err := range heyq.Jobs.All(ctx, wire.JobFilter{State: "waiting"}) {
		if err != nil || job.ID == video.ID {
			fmt.Println(job.Kind, job.State, job.Title, err)
		}
	}
	changed, err := heyq.Jobs.Cancel(ctx, wire.ChangeJobsRequest{JobFilter: wire.JobFilter{IDs: []string{video.ID}}})
	fmt.Println("cancelled:", changed.Done, err)
	// Output:
	// video:create waiting Hello Dorothy <nil>
	// cancelled: 1 <nil>
}

// A paused queue keeps what is in it.
func ExampleQueues() {
	heyq, ctx := connect()
	paused, err := heyq.Queues.Pause(ctx, "analytics")
	fmt.Println(paused.Queue.Queue, paused.Paused, err)
	resumed, err := heyq.Queues.Resume(ctx, "analytics")
	fmt.Println(resumed.Queue.Queue, resumed.Paused, err)
	// Output:
	// analytics true <nil>
	// analytics false <nil>
}

// Nothing is wrong with a heyq that has just begun.
func ExampleAlerts() {
	heyq, ctx := connect()
	alerts, err := heyq.Alerts.List(ctx, 10)
	fmt.Println(len(alerts.Active), len(alerts.Ended), err)
	// Output: 0 0 <nil>
}

// What heyq does by itself can be done now.
func ExampleSchedule() {
	heyq, ctx := connect()
	start, err := heyq.Schedule.Run(ctx, "store:sweep")
	for refused, ok := errors.AsType[*client.Error](err); ok && refused.Code == wire.Conflict; refused, ok = errors.AsType[*client.Error](err) {
		time.Sleep(50 * time.Millisecond) // it runs already, as at the start of a heyq
		start, err = heyq.Schedule.Run(ctx, "store:sweep")
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(start.Job, "begins")
	_, err = heyq.Schedule.Run(ctx, "store:swep")
	fmt.Println(err)
	// Output:
	// store:sweep begins
	// there is no scheduled job "store:swep" (did you mean store:sweep? List them with GET /v1/schedule)
}

// A receiver verifies what it is told. heyq tells what came of it.
func ExampleNotifications() {
	heyq, ctx := connect()
	told := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<10))
		if err != nil {
			return
		}
		ended, err := client.VerifyNotification(r.Header, body, notifySecret)
		if err != nil {
			http.Error(w, "not from heyq", http.StatusUnauthorized)
			return
		}
		told <- ended.Type + " " + ended.Data.Title
	}))
	defer receiver.Close()

	video := hello("Radia")
	video.NotifyURL = receiver.URL
	made, err := heyq.Videos.Create(ctx, video, "")
	if err == nil {
		_, err = heyq.Videos.Cancel(ctx, made.ID)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	select {
	case line := <-told:
		fmt.Println(line)
	case <-time.After(time.Minute):
		fmt.Println("nothing was told")
	}
	list, err := heyq.Notifications.List(ctx, made.ID)
	fmt.Println(len(list), list[0].Event, err)
	// Output:
	// video.cancelled Hello Radia
	// 1 video.cancelled <nil>
}

// HeyGen delivers to heyq's public address, and to another one if it is registered.
func ExampleWebhooks() {
	heyq, ctx := connect()
	made, err := heyq.Webhooks.Register(ctx, wire.RegisterRequest{URL: "https://hooks.invalid/heygen"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("enabled:", made.Enabled)
	list, err := heyq.Webhooks.List(ctx)
	for _, w := range list {
		if w.URL == made.URL {
			fmt.Println("heyq has its secret:", w.Known, err)
		}
	}
	fmt.Println("deleted:", heyq.Webhooks.Delete(ctx, made.ID))
	// Output:
	// enabled: true
	// heyq has its secret: true <nil>
	// deleted: <nil>
}
