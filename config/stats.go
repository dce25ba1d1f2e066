package config

import "time"

// Stats says whether heyq counts its operations on everything outside of it,
// and how long one may take before it is logged.
type Stats struct {
	Enabled bool `env:"HEYQ_STATS" envDefault:"true" desc:"Count every statement, request, Redis command and file operation, for heyq stats and GET /metrics. With false there is neither, and nothing is measured."`

	SlowDatabase time.Duration `env:"HEYQ_SLOW_DATABASE" envDefault:"1s" desc:"A database operation that takes so long is logged with its name, as are those below. If there are many, only some are logged."`
	SlowHTTP     time.Duration `env:"HEYQ_SLOW_HTTP_REQUEST" envDefault:"30s" desc:"The same for an HTTP request, until its answer begins. A create takes some seconds as a rule."`
	SlowFile     time.Duration `env:"HEYQ_SLOW_FILE_OPERATION" envDefault:"10s" desc:"The same for an operation on the media store."`
	SlowRedis    time.Duration `env:"HEYQ_SLOW_REDIS_OPERATION" envDefault:"250ms" desc:"The same for a Redis command."`
}
