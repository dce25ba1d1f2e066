package wire

import "time"

// Stats are the operations of the process that answers, and of all.
type Stats struct {
	Process ProcessStats `json:"process"`
	All     *AllStats    `json:"all" doc:"null where Redis, through which the processes tell each other, does not answer"`
	Problem string       `json:"problem" doc:"Why all is null; empty where it is not"`
}

// ProcessStats are those of the process that answers.
type ProcessStats struct {
	Since time.Time `json:"since" doc:"When the process began"`
	Operations
}

// AllStats are those of all processes.
type AllStats struct {
	Processes int `json:"processes" doc:"How many they are; one that has ended counts for half a minute"`
	Operations
}

// Operations is what there is to say of all operations: together, and of each type,
// those without operations included.
type Operations struct {
	Totals
	ByType map[string]OperationsOfType `json:"operations_by_type"`
}

// OperationsOfType is what there is to say of a type: of all its operations, and of
// each name.
type OperationsOfType struct {
	Totals
	ByName map[string]Totals `json:"operations_by_name"`
}

// Totals sum up operations. Quantiles are within 1 %; they and the average are of
// all operations, failed ones included, and 0 if there were none.
type Totals struct {
	Total      int64   `json:"total_operations"`
	Successful int64   `json:"successful_operations"`
	Failed     int64   `json:"failed_operations"`
	Rate       float64 `json:"success_rate" doc:"From 0 to 1; 1 where there were none" minimum:"0" maximum:"1"`
	AverageMS  float64 `json:"average_duration_ms"`
	P50MS      float64 `json:"p50" doc:"Milliseconds: half of the operations took no longer"`
	P95MS      float64 `json:"p95" doc:"Milliseconds"`
	P99MS      float64 `json:"p99" doc:"Milliseconds"`
	MaxMS      float64 `json:"max_duration_ms"`
}
