package api

// routes is the whole API. Next to each route stands the file that answers it.
func (s *server) routes() {
	add(s, "POST /v1/videos", createOp(), s.createVideo)                                // videos_create.go
	add(s, "POST /v1/videos/batch", batchOp(s.inTurn), s.createBatch)                   // videos_batch.go
	add(s, "GET /v1/videos", listOp(), s.listVideos)                                    // videos_list.go
	add(s, "GET /v1/videos/{id}", getOp(), s.getVideo)                                  // videos_get.go
	add(s, "POST /v1/videos/{id}/cancel", cancelOp(), s.cancelVideo)                    // videos_cancel.go
	add(s, "POST /v1/videos/{id}/retry", retryOp(), s.retryVideo)                       // videos_retry.go
	add(s, "POST /v1/videos/{id}/resolve", resolveOp(), s.resolveVideo)                 // videos_resolve.go
	add(s, "GET /v1/videos/{id}/file", fileOp(), s.videoFile)                           // videos_file.go
	add(s, "GET /v1/videos/{id}/thumbnail", thumbnailOp(), s.videoThumbnail)            // videos_file.go
	add(s, "GET /v1/videos/{id}/captions", captionsOp(), s.videoCaptions)               // videos_file.go
	add(s, "GET /v1/videos/{id}/script", scriptOp(), s.videoScript)                     // videos_file.go
	add(s, "POST /v1/videos/{id}/verify", verifyOp(), s.verifyVideo)                    // videos_verify.go
	add(s, "POST /v1/videos/{id}/refetch", refetchOp(), s.refetchVideo)                 // videos_verify.go
	add(s, "GET /v1/videos/{id}/notifications", notificationsOp(), s.listNotifications) // notifications.go
	add(s, "POST /v1/notifications/{id}/redeliver", redeliverOp(), s.redeliver)         // notifications.go
	add(s, "POST /v1/notifications/redeliver", redeliverAllOp(), s.redeliverAll)        // notifications_redeliver.go
	add(s, "POST /v1/users", createUserOp(), s.createUser)                              // users.go
	add(s, "GET /v1/users", listUsersOp(), s.listUsers)                                 // users.go
	add(s, "GET /v1/users/{id}", getUserOp(), s.getUser)                                // users.go
	add(s, "PATCH /v1/users/{id}", updateUserOp(), s.updateUser)                        // users.go
	add(s, "DELETE /v1/users/{id}", deleteUserOp(), s.deleteUser)                       // users.go
	add(s, "GET /v1/users/{id}/videos", userVideosOp(), s.listUserVideos)               // users.go
	add(s, "GET /v1/jobs", jobsOp(), s.listJobs)                                        // jobs_list.go
	add(s, "GET /v1/jobs/{id}", jobOp(), s.getJob)                                      // jobs_get.go
	add(s, "POST /v1/jobs/requeue", requeueJobsOp(), s.requeueJobs)                     // jobs_requeue.go
	add(s, "POST /v1/jobs/cancel", cancelJobsOp(), s.cancelJobs)                        // jobs_cancel.go
	add(s, "POST /v1/jobs/delete", deleteJobsOp(), s.deleteJobs)                        // jobs_delete.go
	add(s, "GET /v1/admission", admissionOp(), s.admission)                             // admission.go
	add(s, "POST /v1/admission/pause", pauseOp(), s.pauseAdmission)                     // admission.go
	add(s, "POST /v1/admission/resume", resumeOp(), s.resumeAdmission)                  // admission.go
	add(s, "GET /v1/alerts", alertsOp(), s.listAlerts)                                  // alerts.go
	add(s, "POST /v1/alerts/test", testAlertsOp(), s.testAlerts)                        // alerts.go
	add(s, "GET /v1/queues", queuesOp(), s.listQueues)                                  // queues.go
	add(s, "POST /v1/queues/{queue}/pause", pauseQueueOp(), s.pauseQueue)               // queues.go
	add(s, "POST /v1/queues/{queue}/resume", resumeQueueOp(), s.resumeQueue)            // queues.go
	add(s, "GET /v1/schedule", scheduleOp(), s.listSchedule)                            // schedule.go
	add(s, "POST /v1/schedule/{job}/run", runJobOp(), s.runJob)                         // schedule.go
	add(s, "GET /v1/webhooks/heygen", endpointsOp(), s.listEndpoints)                   // webhooks.go
	add(s, "POST /v1/webhooks/heygen", registerOp(), s.registerEndpoint)                // webhooks.go
	add(s, "DELETE /v1/webhooks/heygen/{id}", deleteEndpointOp(), s.deleteEndpoint)     // webhooks.go
	add(s, "GET /v1/log", logOp(), s.logLevel)                                          // log.go
	add(s, "PUT /v1/log", changeLogOp(), s.changeLogLevel)                              // log.go
	add(s, "GET /v1/version", versionOp(), s.version)                                   // version.go
	add(s, "GET /v1/stats", statsOp(), s.operations)                                    // stats.go
	add(s, "GET /healthz", healthOp(), s.health)                                        // health.go
	add(s, "GET /readyz", readyOp(), s.ready)                                           // health.go
	// POST /webhooks/heygen, and .../{video}/{token}                           receiver.go
	// GET /metrics                                                             app/metrics.go
	// GET /openapi.json and GET /docs                                         docs.go
}
