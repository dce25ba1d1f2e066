// Package jobs says what may be asked for: the kinds of task with their payloads,
// queues and retry rules, which of them run by the clock, and the client that
// creates videos.
//
// Another Go service creates videos by importing this package:
//
//	client := jobs.NewClient(store)
//	video, err := client.CreateVideo(ctx, jobs.NewVideo{…})
//
// Inserting the row is enqueueing: nothing here needs Redis to accept a video.
// The row's due_at makes a dispatcher claim it, and only then does a task
// exist. A task carries ids and intent, never blobs or secrets, and may be
// lost or delivered twice at any moment.
//
// jobs knows the store, and neither Redis nor asynq. How a task is sent is the
// business of dispatch, how it is done that of handlers, and what an operator does
// with it that of operate.
package jobs
