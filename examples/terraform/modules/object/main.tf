# One thing of an organization: how it is made as wanted, and how it is taken away.
#
# Two resources, since what is changed in place must not go away meanwhile, and keeps its id: `kept` is
# replaced only if something else is wanted, `state` by every change.

variable "tool" {
  description = "the program that both are arguments of"
  type        = string
}

variable "make" {
  description = "brings it to the wanted state; may be repeated"
  type        = list(string)
}

variable "undo" {
  description = "takes it away; may be repeated"
  type        = list(string)
}

variable "converge" {
  description = "any new value makes it again, over what was changed elsewhere"
  type        = string
}

# The last argument is the command and those before it are the interpreter: no shell reads them.
resource "terraform_data" "kept" {
  input            = concat([var.tool], var.undo)
  triggers_replace = var.undo

  provisioner "local-exec" {
    when        = destroy
    interpreter = slice(self.output, 0, length(self.output) - 1)
    command     = self.output[length(self.output) - 1]
  }
}

resource "terraform_data" "state" {
  triggers_replace = [terraform_data.kept.id, var.make, var.converge]

  provisioner "local-exec" {
    interpreter = concat([var.tool], slice(var.make, 0, length(var.make) - 1))
    command     = var.make[length(var.make) - 1]
  }
}

output "id" {
  description = "known once it is there, for what depends on it"
  value       = terraform_data.state.id
}
