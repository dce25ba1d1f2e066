package api

import "heyq/people"

// routes is the whole API: each route with the scope that it wants, and beside it the
// file that answers it. Which role has which scope stands in people/access.go. A request
// that wants a scope counts as one read of its user, unless the route says what each of
// its items counts as.
func (s *server) routes() {
	add(s, "POST /v1/videos", people.WriteVideos, each(people.CreateVideo, createOp()), s.createVideo)              // videos_create.go
	add(s, "POST /v1/videos/batch", people.WriteVideos, each(people.CreateVideo, batchOp(s.inTurn)), s.createBatch) // videos_batch.go
	add(s, "POST /v1/videos/{id}/retry", people.WriteVideos, each(people.CreateVideo, retryOp()), s.retryVideo)     // videos_retry.go
	add(s, "POST /v1/videos/lookup", people.ReadVideos, each(people.Read, lookupOp()), s.lookupVideos)              // videos_lookup.go

	add(s, "GET /v1/videos", people.ReadVideos, listOp(), s.listVideos)                                    // videos_list.go
	add(s, "GET /v1/videos/{id}", people.ReadVideos, getOp(), s.getVideo)                                  // videos_get.go
	add(s, "POST /v1/videos/{id}/cancel", people.WriteVideos, cancelOp(), s.cancelVideo)                   // videos_cancel.go
	add(s, "POST /v1/videos/{id}/resolve", people.Operate, resolveOp(), s.resolveVideo)                    // videos_resolve.go
	add(s, "GET /v1/videos/{id}/file", people.ReadVideos, fileOp(), s.videoFile)                           // videos_file.go
	add(s, "GET /v1/videos/{id}/thumbnail", people.ReadVideos, thumbnailOp(), s.videoThumbnail)            // videos_file.go
	add(s, "GET /v1/videos/{id}/captions", people.ReadVideos, captionsOp(), s.videoCaptions)               // videos_file.go
	add(s, "GET /v1/links/{id}/{file}/{expires}/{signature}", people.Open, linkOp(), s.linkedFile)         // videos_link.go
	add(s, "GET /v1/videos/{id}/script", people.ReadVideos, scriptOp(), s.videoScript)                     // videos_file.go
	add(s, "POST /v1/videos/{id}/verify", people.ReadVideos, verifyOp(), s.verifyVideo)                    // videos_verify.go
	add(s, "POST /v1/videos/{id}/refetch", people.WriteVideos, refetchOp(), s.refetchVideo)                // videos_verify.go
	add(s, "GET /v1/videos/{id}/events", people.ReadVideos, s.videoEventsOp(), s.videoEvents)              // events.go
	add(s, "GET /v1/events", people.ReadVideos, s.eventsOp(), s.events)                                    // events.go
	add(s, "GET /v1/videos/{id}/notifications", people.ReadVideos, notificationsOp(), s.listNotifications) // notifications.go
	add(s, "POST /v1/videos/{id}/shares", people.WriteVideos, shareOp(), s.shareVideo)                     // videos_share.go
	add(s, "GET /v1/videos/{id}/shares", people.ReadVideos, sharesOp(), s.listShares)                      // videos_share.go
	add(s, "DELETE /v1/videos/{id}/shares/{user_id}", people.WriteVideos, unshareOp(), s.unshareVideo)     // videos_share.go
	add(s, "POST /v1/notifications/{id}/redeliver", people.WriteVideos, redeliverOp(), s.redeliver)        // notifications.go
	add(s, "POST /v1/notifications/redeliver", people.WriteVideos, redeliverAllOp(), s.redeliverAll)       // notifications_redeliver.go
	add(s, "GET /v1/notification-secret", people.WriteVideos, secretOp(), s.notificationSecret)            // notification_secret.go
	add(s, "POST /v1/notification-secret/rotate", people.WriteVideos, rotateSecretOp(), s.rotateSecret)    // notification_secret.go
	add(s, "POST /v1/users", people.Manage, createUserOp(), s.createUser)                                  // users.go
	add(s, "GET /v1/users", people.Manage, listUsersOp(), s.listUsers)                                     // users.go
	add(s, "GET /v1/users/{id}", people.Manage, getUserOp(), s.getUser)                                    // users.go
	add(s, "PATCH /v1/users/{id}", people.Manage, updateUserOp(), s.updateUser)                            // users.go
	add(s, "DELETE /v1/users/{id}", people.Manage, deleteUserOp(), s.deleteUser)                           // users.go
	add(s, "GET /v1/users/{id}/videos", people.ReadVideos, userVideosOp(), s.listUserVideos)               // users.go
	add(s, "POST /v1/users/{id}/invite", people.Manage, createLinkOp(), s.createLink)                      // links.go
	add(s, "POST /v1/password", people.Open, usePasswordLinkOp(), s.usePasswordLink)                       // links.go
	add(s, "GET /v1/me", people.SignedIn, meOp(), s.me)                                                    // me.go
	add(s, "PATCH /v1/me", people.SignedIn, updateMeOp(), s.updateMe)                                      // me.go
	add(s, "PUT /v1/me/password", people.SignedIn, setPasswordOp(), s.setPassword)                         // me.go
	add(s, "GET /v1/sessions", people.SignedIn, sessionsOp(), s.listSessions)                              // sessions.go
	add(s, "DELETE /v1/sessions/{id}", people.SignedIn, endSessionOp(), s.endSession)                      // sessions.go
	add(s, "DELETE /v1/sessions", people.SignedIn, endSessionsOp(), s.endSessions)                         // sessions.go
	add(s, "POST /v1/keys", people.SignedIn, createKeyOp(), s.createKey)                                   // keys.go
	add(s, "GET /v1/keys", people.SignedIn, listKeysOp(), s.listKeys)                                      // keys.go
	add(s, "DELETE /v1/keys/present", people.SignedIn, revokePresentKeyOp(), s.revokePresentKey)           // keys.go
	add(s, "DELETE /v1/keys/{id}", people.SignedIn, revokeKeyOp(), s.revokeKey)                            // keys.go
	add(s, "GET /v1/jobs", people.Operate, jobsOp(), s.listJobs)                                           // jobs_list.go
	add(s, "GET /v1/jobs/{id}", people.Operate, jobOp(), s.getJob)                                         // jobs_get.go
	add(s, "POST /v1/jobs/requeue", people.Operate, requeueJobsOp(), s.requeueJobs)                        // jobs_requeue.go
	add(s, "POST /v1/jobs/cancel", people.Operate, cancelJobsOp(), s.cancelJobs)                           // jobs_cancel.go
	add(s, "POST /v1/jobs/delete", people.Operate, deleteJobsOp(), s.deleteJobs)                           // jobs_delete.go
	add(s, "GET /v1/admission", people.Operate, admissionOp(), s.admission)                                // admission.go
	add(s, "POST /v1/admission/pause", people.Operate, pauseOp(), s.pauseAdmission)                        // admission.go
	add(s, "POST /v1/admission/resume", people.Operate, resumeOp(), s.resumeAdmission)                     // admission.go
	add(s, "GET /v1/turns", people.Operate, turnsOp(), s.listTurns)                                        // turns.go
	add(s, "PUT /v1/turns/{user_id}", people.Operate, setTurnOp(), s.setTurn)                              // turns.go
	add(s, "GET /v1/tasks", people.SignedIn, tasksOp(), s.listTasks)                                       // tasks.go
	add(s, "GET /v1/tasks/{id}", people.SignedIn, taskOp(), s.getTask)                                     // tasks.go
	add(s, "GET /v1/limits/{user_id}", people.Operate, limitsOp(), s.getLimits)                            // limits.go
	add(s, "PUT /v1/limits/{user_id}", people.Operate, setLimitsOp(), s.setLimits)                         // limits.go
	add(s, "GET /v1/alerts", people.Operate, alertsOp(), s.listAlerts)                                     // alerts.go
	add(s, "POST /v1/alerts/test", people.Operate, testAlertsOp(), s.testAlerts)                           // alerts.go
	add(s, "GET /v1/queues", people.Operate, queuesOp(), s.listQueues)                                     // queues.go
	add(s, "POST /v1/queues/{queue}/pause", people.Operate, pauseQueueOp(), s.pauseQueue)                  // queues.go
	add(s, "POST /v1/queues/{queue}/resume", people.Operate, resumeQueueOp(), s.resumeQueue)               // queues.go
	add(s, "GET /v1/schedule", people.Operate, scheduleOp(), s.listSchedule)                               // schedule.go
	add(s, "POST /v1/schedule/{job}/run", people.Operate, runJobOp(), s.runJob)                            // schedule.go
	add(s, "GET /v1/webhooks/heygen", people.Operate, endpointsOp(), s.listEndpoints)                      // webhooks.go
	add(s, "POST /v1/webhooks/heygen", people.Operate, registerOp(), s.registerEndpoint)                   // webhooks.go
	add(s, "DELETE /v1/webhooks/heygen/{id}", people.Operate, deleteEndpointOp(), s.deleteEndpoint)        // webhooks.go
	add(s, "GET /v1/log", people.Operate, logOp(), s.logLevel)                                             // log.go
	add(s, "PUT /v1/log", people.Operate, changeLogOp(), s.changeLogLevel)                                 // log.go
	add(s, "GET /v1/version", people.SignedIn, versionOp(), s.version)                                     // version.go
	add(s, "GET /v1/stats", people.Operate, statsOp(), s.operations)                                       // stats.go
	add(s, "GET /healthz", people.Open, healthOp(), s.health)                                              // health.go
	add(s, "GET /readyz", people.Open, readyOp(), s.ready)                                                 // health.go
	// POST /webhooks/heygen, and .../{video}/{token}                           webhooks_receive.go
	// GET /metrics                                                             app/metrics.go
	// GET /openapi.json and GET /docs                                         docs.go
}
