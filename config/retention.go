package config

import "time"

// Retention is what heyq removes by itself, and when. Zero means never: by
// default nothing is removed that was paid for.
type Retention struct {
	Completed     time.Duration `env:"HEYQ_KEEP_COMPLETED" desc:"How long a completed video is kept, with its files. Without it: for ever. The daily totals stay."`
	Failed        time.Duration `env:"HEYQ_KEEP_FAILED" desc:"How long a failed video is kept, unless it is under review. Without it: for ever."`
	Cancelled     time.Duration `env:"HEYQ_KEEP_CANCELLED" desc:"How long a cancelled video is kept. Without it: for ever."`
	Files         time.Duration `env:"HEYQ_KEEP_FILES" desc:"How long the files of a completed video are kept. The video itself stays, and its file answers 410. Without it: as long as the video."`
	Notifications time.Duration `env:"HEYQ_KEEP_NOTIFICATIONS" envDefault:"720h" desc:"How long it is remembered who was told of a video's end, and what the receiver answered."`
	Audit         time.Duration `env:"HEYQ_KEEP_AUDIT" envDefault:"8760h" desc:"How long it is remembered who requeued, cancelled and deleted what."`
	AtHeyGen      time.Duration `env:"HEYQ_DELETE_AT_HEYGEN" desc:"How long after its download a completed video is deleted at HeyGen, such as 168h. Without it: never."`
}

// youngest is the least age at which something is worth removing: the client
// that asked for a video must have had the time to fetch it.
const youngest = 24 * time.Hour

// hasty warns of what is removed so early that a person may miss it, and of
// settings that have no effect beside others.
func (r *reader) hasty() []Warning {
	var list []Warning
	c := r.config.Retention
	for _, kept := range []struct {
		name string
		age  time.Duration
		why  string
	}{
		{"HEYQ_KEEP_COMPLETED", c.Completed, "its user may not have fetched it"},
		{"HEYQ_KEEP_FILES", c.Files, "its user may not have fetched it"},
		{"HEYQ_KEEP_FAILED", c.Failed, "its failure may not have been seen, and it cannot be tried again"},
		{"HEYQ_DELETE_AT_HEYGEN", c.AtHeyGen, "a file that turns out to be broken cannot be downloaded again"},
	} {
		if kept.age > 0 && kept.age < youngest && !r.wrong[kept.name] {
			list = append(list, Warning{kept.name, short(kept.age) + " is less than the safe " + short(youngest) + ": " + kept.why})
		}
	}
	if c.Completed > 0 && c.Files >= c.Completed {
		list = append(list, Warning{"HEYQ_KEEP_FILES", "is not less than HEYQ_KEEP_COMPLETED: the files go with their video"})
	}
	if c.Completed > 0 && c.AtHeyGen > c.Completed {
		list = append(list, Warning{"HEYQ_DELETE_AT_HEYGEN", "is more than HEYQ_KEEP_COMPLETED: a video is kept until HeyGen's copy is deleted"})
	}
	return list
}
