package chaos

import (
	"context"
	"os"
	"time"
)

func otherScenarios() []Scenario {
	return []Scenario{
		{
			Name: "media-away", Proves: "a media folder that cannot be written to is waited for; nothing is downloaded in vain for long, and nothing paid again",
			script: func(Options) []Fault {
				return []Fault{{
					Name: "media-away", On: "media", At: 4 * time.Second, For: 8 * time.Second,
					strike: func(_ context.Context, s *stage, _ *Strike) error { return s.takeMedia() },
					lift:   func(_ context.Context, s *stage) error { return s.returnMedia() },
				}}
			},
			expect: completed,
		},
		{
			Name: "receiver-fails", Proves: "a receiver that answers 500 is notified again, of each video",
			script: at(ofReceiver("receiver-fails", failing), twice...),
			expect: completed,
		},
		{
			Name: "receiver-silent", Proves: "so is one that does not answer",
			script: at(ofReceiver("receiver-silent", silent), twice...),
			expect: completed,
		},
		{
			Name: "strangers", Proves: "300 connections that begin a request and never end it keep no customer out",
			script: at(lasting(strangers, 8*time.Second), twice...), expect: completed,
		},
		{
			Name: "clocks", Proves: "workers whose clocks are five minutes ahead and five behind work together: no promise hangs on a clock",
			prepare: func(o *Options) {
				offsets := []string{"5m", "-5m", "0s"}
				o.WorkerEnviron = func(n int) []string { return []string{"HEYQ_CLOCK_OFFSET=" + offsets[n%len(offsets)]} }
			},
			script: at(ofWorker("worker-kill9", short, kill, start), fiveTimes...),
			expect: completed,
		},
	}
}

// takeMedia puts a file where the folder was: a process that wants to write
// gets an error, as from a disk that is full, read-only or gone.
func (s *stage) takeMedia() error {
	if err := os.Rename(s.media(), s.media()+".away"); err != nil {
		return err
	}
	return os.WriteFile(s.media(), nil, 0o644)
}

func (s *stage) returnMedia() error {
	if err := os.Remove(s.media()); err != nil {
		return err
	}
	return os.Rename(s.media()+".away", s.media())
}
