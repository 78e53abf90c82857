;;; Drives the debug adapter with Emacs' dap-mode, without anybody in front of it: emacs --batch -l dap-mode.el
;;;
;;; Environment: ADAPTER, a command as JSON array, or PORT of an adapter that listens on 127.0.0.1; PROGRAM; SOURCE with LINE, where a
;;; breakpoint is set. Prints one line of JSON for each thing that a user would see.
(require 'json)
(require 'seq)
(require 'dap-mode)
(require 'dap-ui)

(defun report (what value)
  (princ (concat (json-encode (list :what what :value value)) "\n")))

(defun wait-until (what test)
  "Let the editor work until TEST is true."
  (let ((end (+ (float-time) 60)))
    (while (not (funcall test))
      (when (> (float-time) end) (error "%s: nothing came of it" what))
      (accept-process-output nil 0.02))))

(defun frame-text (frame)
  (let ((source (gethash "source" frame)))
    (list :name (gethash "name" frame)
          :file (and source (gethash "path" source) (file-name-nondirectory (gethash "path" source)))
          :line (gethash "line" frame))))

(defvar stops 0)
(add-hook 'dap-stopped-hook (lambda (_) (setq stops (1+ stops))))
;; Its own files belong to nobody's Emacs.
(setq dap-breakpoints-file (make-temp-file "breakpoints"))

(let* ((source (getenv "SOURCE"))
       (line (string-to-number (getenv "LINE")))
       (adapter (getenv "ADAPTER"))
       (session nil))
  (find-file source)
  (goto-char (point-min))
  (forward-line (1- line))
  (dap-breakpoint-add)
  (dap-start-debugging-noexpand
   (append (list :type "riscv-unwind" :request "launch" :name "sample" :program (getenv "PROGRAM"))
           (if adapter
               (list :dap-server-path (append (json-parse-string adapter) nil))
             (list :host "127.0.0.1" :debugServer (string-to-number (getenv "PORT"))))))
  (setq session (dap--cur-session))

  (wait-until "the breakpoint" (lambda () (dap--debug-session-active-frame session)))
  (report "shown" (list :file (file-name-nondirectory (buffer-file-name)) :line (line-number-at-pos)))
  (report "stack" (vconcat (mapcar #'frame-text
                                   (gethash (dap--debug-session-thread-id session)
                                            (dap--debug-session-thread-stack-frames session)))))
  (report "threads" (vconcat (mapcar (lambda (thread) (gethash "name" thread))
                                     (gethash "threads" (dap-request session "threads")))))

  (let* ((frame (gethash "id" (dap--debug-session-active-frame session)))
         (scopes (append (gethash "scopes" (dap-request session "scopes" :frameId frame)) nil))
         (registers (seq-find (lambda (scope) (equal (gethash "name" scope) "Registers")) scopes))
         (variables (append (gethash "variables"
                                     (dap-request session "variables"
                                                  :variablesReference (gethash "variablesReference" registers)))
                            nil)))
    (report "registers" (vconcat (mapcar (lambda (variable) (gethash "name" variable)) variables)))
    (report "value" (gethash "result" (dap-request session "evaluate" :expression "$sp == sp"
                                                   :frameId frame :context "watch"))))

  (setf (dap--debug-session-active-frame session) nil)
  (dap-next session)
  (wait-until "the step" (lambda () (dap--debug-session-active-frame session)))
  (report "step" (frame-text (dap--debug-session-active-frame session)))

  (dap-breakpoint-delete-all)
  (dap-continue session (dap--debug-session-thread-id session))
  (wait-until "the end" (lambda () (not (dap--session-running session))))
  (report "stops" stops)
  (report "output" (with-current-buffer (dap--debug-session-output-buffer session)
                     (buffer-substring-no-properties (point-min) (point-max)))))
