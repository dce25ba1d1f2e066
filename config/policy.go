package config

import (
	"slices"
	"time"
)

// Policy says how heyq treats what it does not control: HeyGen, the hosts of its
// files, the receivers of notifications, the media store.
type Policy struct {
	BreakerFailures int           `env:"HEYQ_BREAKER_FAILURES" envDefault:"5" desc:"Failures in a row (no connection, no answer in time, a 5xx) after which a process does not call HeyGen any more; the same for each file host, each receiver of notifications and a media store on S3."`
	BreakerOpen     time.Duration `env:"HEYQ_BREAKER_OPEN" envDefault:"60s" desc:"How long it is not called then. One call is let through after that, and its outcome decides. What waits meanwhile loses no attempt."`
	HeyGenRate      Rate          `env:"HEYQ_HEYGEN_RATE" envDefault:"10" desc:"Requests to HeyGen, over all processes on one Redis: 10 is ten a second, and as many at once; 10/60s is at most ten in any 60 s, spread evenly; 0 is no limit. HeyGen publishes none. The default holds at api.heygen.com only: at a simulator there is none."`
	HeyGenRateSet   bool          `env:"-"` // HeyGenRate was chosen
	HeyGenTimeout   time.Duration `env:"HEYQ_HEYGEN_TIMEOUT" envDefault:"30s" desc:"How long a call to HeyGen may take, its repetitions included. A create has HEYQ_CREATE_TIMEOUT."`
	MediaTimeout    time.Duration `env:"HEYQ_MEDIA_TIMEOUT" envDefault:"30s" desc:"How long a media store on S3 may take to answer a question that carries no file."`
	NotifyTimeout   time.Duration `env:"HEYQ_NOTIFY_TIMEOUT" envDefault:"15s" desc:"How long the receiver of a notification may take, redirects included; 45s at most."`
	RetryTries      int           `env:"HEYQ_RETRY_TRIES" envDefault:"3" desc:"How often a read at HeyGen is made until it counts as failed, the first time included. A create is made once."`
	RetryBackoff    string        `env:"HEYQ_RETRY_BACKOFF" envDefault:"exponential" desc:"How the pauses between these, and between the requests for a file, grow: exponential (doubling, up to 2s) or linear. Half of each is left to chance."`
	RetryPause      time.Duration `env:"HEYQ_RETRY_PAUSE" envDefault:"200ms" desc:"The first of these pauses."`
}

// mostNotifyTimeout keeps a delivery within its lease of a minute.
const mostNotifyTimeout = 45 * time.Second

var policyRules = []rule{
	{
		"HEYQ_NOTIFY_TIMEOUT", func(c Config) bool { return c.Policy.NotifyTimeout <= mostNotifyTimeout },
		"at most " + short(mostNotifyTimeout), "write for example 15s",
	},
	{
		"HEYQ_RETRY_BACKOFF", func(c Config) bool { return slices.Contains([]string{"exponential", "linear"}, c.Policy.RetryBackoff) },
		"exponential or linear", "write one of them or unset it",
	},
}

// applyRate leaves the default rate to HeyGen's own API.
func (r *reader) applyRate() {
	if c := r.config; !c.Policy.HeyGenRateSet && c.HeyGen.URL != realHeyGen {
		c.Policy.HeyGenRate = Rate{}
	}
}

// realHeyGen is the default of HEYGEN_API_URL.
const realHeyGen = "https://api.heygen.com"
