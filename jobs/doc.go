// Package jobs says what may be asked for: the kinds of task with their
// payloads, queues and retry rules, the client that creates videos, the
// dispatcher that turns due rows into tasks, and the schedule.
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
// jobs knows the store and asynq. It must not know how a task is done: it
// imports neither handlers nor media nor the HeyGen client.
package jobs
