"""Configuration of the course. Everything of ours is plugged into nbgrader here."""

from importlib.util import find_spec

c = get_config()  # noqa: F821

# --- the course: what an instructor changes every term -------------------------------------

c.CourseDirectory.course_id = "gradient-descent"

# Later work is flagged. Time zones as in the tz database.
c.CourseSettings.due_dates = {
    "week1_slopes": "2027-03-01 23:59 Europe/Zurich",
    "week2_descent": "2027-03-08 23:59 Europe/Zurich",
    "week3_descent_2d": "2027-03-15 23:59 Europe/Zurich",
    "week4_curvature": "2027-03-22 23:59 Europe/Zurich",
    "week5_jax": "2027-03-29 23:59 Europe/Zurich",
    "week6_kalman": "2027-04-05 23:59 Europe/Zurich",
}

# By machine and by hand together; `autograder check` compares them with the notebooks.
c.CourseSettings.points = {
    "week1_slopes": 25,
    "week2_descent": 25,
    "week3_descent_2d": 25,
    "week4_curvature": 25,
    "week5_jax": 25,
    "week6_kalman": 25,
}

# The hidden tests' questions are drawn from this number. Choose your own and keep it.
c.CourseSettings.seed = 20270222

# --- how the course is put together: seldom changed ----------------------------------------

c.CourseDirectory.solution_directory = "solutions"
# No Python text of source/ may reach the release but by ReleaseModules, which knows which may, nor
# one of a student's the graded folder.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]

plugins = "autograder.plugins.preprocessors."
exporters = "autograder.plugins.exporters."
stock = "nbgrader.preprocessors."

c.GenerateAssignment.exporter_class = exporters + "AssignmentExporter"
c.GenerateAssignment.preprocessors = [
    stock + "IncludeHeaderFooter",
    stock + "InstantiateTests",
    stock + "LockCells",
    plugins + "TaskStub",
    stock + "ClearOutput",
    stock + "CheckCellMetadata",
    stock + "ComputeChecksums",
    stock + "SaveCells",
    stock + "ClearHiddenTests",
    stock + "ClearMarkScheme",
    stock + "ComputeChecksums",
    stock + "CheckCellMetadata",
    plugins + "RecordDueDate",
    plugins + "ReleaseModules",
]
# Solutions are committed: nothing in them may change from one run to the next. A print may come
# from the kernel as one message or as two.
c.GenerateSolution.preprocessors = [
    stock + "IncludeHeaderFooter",
    stock + "LockCells",
    stock + "ClearOutput",
    stock + "ClearMarkScheme",
    stock + "Execute",
    "nbconvert.preprocessors.CoalesceStreamsPreprocessor",
]
c.CoalesceStreamsPreprocessor.enabled = True
c.Execute.record_timing = False
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"]
# What is generated is generated anew: release/ lies in the repository, and feedback that is
# older than the grades would be passed over.
c.GenerateAssignment.force = True
c.GenerateSolution.force = True
c.GenerateFeedback.force = True
c.ClearSolutions.text_stub = "*Your answer here.*"
# A mark scheme stands in the cell of the written answer.
c.ClearMarkScheme.enforce_metadata = False

c.Autograde.exporter_class = exporters + "SubmissionExporter"
c.Autograde.sanitize_preprocessors = [plugins + "Mend", stock + "CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    plugins + "Grade",
    stock + "LimitOutput",
    plugins + "SaveVerdicts",
    stock + "AssignLatePenalties",
    stock + "CheckCellMetadata",
]
c.GenerateFeedback.exporter_class = exporters + "PageExporter"
c.GenerateFeedback.preprocessors = [plugins + "HideMarkScheme", plugins + "ReadGrades"]
# A submission on formgrader's page: formulas without a network, and nothing that could run there.
c.HTMLExporter.preprocessors = ["autograder.pages.formgrader.Passive"]
c.HTMLExporter.filters = {"markdown2html": "autograder.pages.formgrader.markdown"}
c.HTMLExporter.extra_template_basedirs = [
    find_spec("autograder").submodule_search_locations[0] + "/pages/templates",
    find_spec("nbgrader").submodule_search_locations[0] + "/server_extensions/formgrader/templates",
]
# Work that was put in by hand keeps nobody else from their feedback.
c.ExchangeFactory.release_feedback = "autograder.plugins.handback.ReleaseFeedback"
c.ExportApp.plugin_class = "autograder.lms.exports.CsvExport"
# Archives of submissions from Canvas and Moodle; see docs/lms.md.
c.ZipCollectApp.extractor_plugin = "autograder.lms.collect.SafeExtractor"
c.ZipCollectApp.collector_plugin = "autograder.lms.collect.LmsCollector"
