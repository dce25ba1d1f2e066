// Package dashboard shows asynq's queues to people, at /monitoring.
//
// The pages are asynqmon's. Three things are heyq's: its requests to run tasks go
// to operate.DeadLetters, since a task of heyq's that asynq has archived is only the
// messenger of rows, and those are what has to be queued again; its pauses go to
// operate.Queues, which stops creates at once; and payloads are shown as
// operate.Describe tells them.
//
//	POST queues/…:pause, :resume ────────────────────► operate.Queues
//	POST …:run, :batch_run, archived_tasks:run_all ─► operate.DeadLetters
//	everything else ─────────────────────────────────► asynqmon
//
// Who may see it is not its business: app guards it.
package dashboard
