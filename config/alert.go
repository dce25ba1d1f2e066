package config

import "time"

// Alert says when heyq tells that something is wrong with it, and where.
type Alert struct {
	Webhook         Secret        `env:"HEYQ_ALERT_WEBHOOK" desc:"Where alerts go: the URL of an incoming webhook of Slack's, or of what speaks like it. Without it they are only logged, and listed by heyq alerts. Workers tell it of alerts, heyq alerts test has the API tell it, and a process of any role tells it why it ends itself, over the mark of another installation: set the same for all."`
	SuccessRate     float64       `env:"HEYQ_ALERT_SUCCESS_RATE" envDefault:"95" desc:"Percent of the operations of each type (database, HTTP, files, Redis) that succeed, at least. 0: never alert."`
	DatabaseAverage time.Duration `env:"HEYQ_ALERT_DATABASE_AVERAGE" envDefault:"1s" desc:"Time that database operations take on average, at most."`
	RedisAverage    time.Duration `env:"HEYQ_ALERT_REDIS_AVERAGE" envDefault:"1s" desc:"Time that Redis operations take on average, at most."`
	FileAverage     time.Duration `env:"HEYQ_ALERT_FILE_AVERAGE" envDefault:"1s" desc:"Time that file operations take on average, at most. Publishing a video, which takes as long as it is large, does not count."`
	HTTPAverage     time.Duration `env:"HEYQ_ALERT_HTTP_AVERAGE" envDefault:"1s" desc:"Time that HTTP requests take until their answer begins, on average, at most. A create, for which HeyGen takes 4 to 30 s, does not count."`
	Failures        int           `env:"HEYQ_ALERT_FAILURES" envDefault:"100" desc:"Videos that fail within an hour, and are not retried, at most."`
	QueueAge        time.Duration `env:"HEYQ_ALERT_QUEUE_AGE" envDefault:"10m" desc:"How long something that is due may wait to be taken up. Waiting for a render slot does not count."`
	Stuck           time.Duration `env:"HEYQ_ALERT_STUCK" envDefault:"1h" desc:"How long a video may be submitting or downloading. A render has HEYQ_RENDER_TIMEOUT."`
	Balance         float64       `env:"HEYQ_ALERT_BALANCE" envDefault:"10" desc:"What is to be left in the account at HeyGen, at least, in its own unit (US dollars or credits). 0: never alert."`
	FreeDisk        Bytes         `env:"HEYQ_ALERT_FREE_DISK" envDefault:"2GiB" desc:"Room on the disk of HEYQ_DIR, at least."`
}
