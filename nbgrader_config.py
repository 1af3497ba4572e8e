"""Configuration of the course. Everything of ours is plugged into nbgrader here."""

from autograder.plugins.course import plug_in

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

# Where release/ is published, if it is: its notebooks then carry badges for Colab and Kaggle.
# c.CourseSettings.public_url = "https://github.com/OWNER/REPOSITORY/tree/main/release"

# --- how the course is put together: seldom changed ----------------------------------------

# What is released is generated anew: release/ lies in the repository.
c.GenerateAssignment.force = True
c.ClearSolutions.text_stub = "*Your answer here.*"
plug_in(c)
