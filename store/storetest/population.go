package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// Population is what a store was filled with, and who is still at work on it.
type Population struct {
	Videos []uuid.UUID
	tasks  []task      // delivered or not
	runs   []store.Run // whose workers may come back
}

// Populate fills an empty store with a random history that stops in the middle:
// the model's, and at least one row of whatever else a store keeps.
func Populate(t testing.TB, h Harness, seed uint64) Population {
	s := newScene(t, h)
	m := newModel(s, seed)
	m.play(seed)
	m.resume()
	m.free()
	m.pass(25 * time.Hour) // each worker has lost its lease
	s.createMany(3 * modelSlots)
	p := Population{Videos: m.videos, tasks: m.queue}
	for _, z := range m.zombies {
		p.runs = append(p.runs, z.run)
	}
	atWork := func(step store.Step, claims []store.Claim) { // every other one has begun
		for i, c := range claims {
			if i%2 == 0 {
				p.runs = append(p.runs, s.begin(step, c)...)
			} else {
				p.tasks = append(p.tasks, task{step, c})
			}
		}
	}
	for _, step := range store.Steps {
		atWork(step, s.claim(step))
	}
	atWork(store.Create, s.admit(2*modelSlots))
	p.Videos = append(p.Videos, s.bystanders()...)
	return p
}

// bystanders are rows of every sort that the model makes none of.
func (s *scene) bystanders() []uuid.UUID {
	s.Helper()
	var videos []uuid.UUID
	add := func(v store.NewVideo) { // beside the videos that hold the slots
		created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{v}})
		s.must(err)
		videos = append(videos, created.Videos[0].ID)
	}
	odd := func(v *store.NewVideo) {
		v.Title, v.Metadata = "“Grüße” <b>\u2028🎬", map[string]string{"z": "\\", "a": "\"\t"}
		v.Request = []byte(`{ "z": 1.50, "a": [1e2, -0.0, 25e-1], "script": "Ünï & <ö>\n" }`)
	}
	add(newVideo(odd, notify))
	add(newVideo(odd, priority(7), notBefore(time.Now().Add(1000*time.Hour).Truncate(time.Microsecond))))
	created := s.createOnce("ada", "k", "body")
	videos = append(videos, created.Videos[0].ID)
	s.save(analysis(videos[0], "ada", "t1", monday), analysis(videos[1], "ada", "", tuesday))
	s.keep(s.round(), newAlert("queue-age"), newAlert("balance-low"))
	s.rollup()
	s.save(analysis(videos[2], "bob", "t1", tuesday))
	s.cancel(videos[0])
	s.claimNotifications()
	told := newVideo(notify)
	add(told)
	s.cancel(told.ID)
	s.mustEndDelivery(store.Undelivered(s.deliver(), bad, time.Minute))
	odds := s.user("“Ünï”.Ä@example.com", func(u *store.User) { u.Profile.Bio = "a\nb \\ 🎬" })
	s.setTurn("ada", 0.5, 3)
	s.setTurn("bob", 1, 0)
	s.must(s.db.EndTask(s.ctx, s.startTask("ada").ID, []byte(`{"n": 1.50}`), ""))
	s.setLimits("ada", map[string]store.Limit{"read": {Amount: 10, Period: time.Minute}})
	s.apiKey("s", odds.ID)
	s.password(odds.ID, "$argon2id$…")
	s.link("s", odds.ID)
	s.share(told.ID, odds)
	s.secret(odds, "whsec_a")
	_, err := s.db.RotateNotifySecret(s.ctx, odds.ID, "whsec_b")
	s.must(err)
	s.must(s.db.SaveEndpoint(s.ctx, store.Endpoint{ID: "e1", URL: "https://heyq.example/hook", Secret: "s"}))
	s.must(s.db.RecordActions(s.ctx, []store.Action{
		{By: operator, Verb: store.DeleteJob, Job: "b", Outcome: "second"}, {By: operator, Verb: store.CancelJob, Job: "a", Video: told.ID, Outcome: "first"},
	}))
	s.endChore(s.beginChore(), store.RunFailed, "counted 1 video", "the disk is full")
	_, err = s.db.BeginScheduled(s.ctx, "videos:sort")
	s.must(err)
	return videos
}

// WantMoved fails the test if a task or a run of the former store can go on in
// this one. This one is a copy of the store that p was made in.
func (p Population) WantMoved(t testing.TB, moved store.Store) {
	s := newScene(t, Harness{Store: moved})
	for _, task := range p.tasks {
		s.wantNoBegin(task.step, task.claim)
	}
	for _, r := range p.runs {
		s.wantFenced(store.HandedBack(r))
	}
	if len(p.tasks) == 0 || len(p.runs) == 0 {
		s.Error("nobody was at work")
	}
}
