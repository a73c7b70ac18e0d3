import { LocalFileService } from "@medusajs/medusa/file-local"
import { forgetUploads, holdUpload } from "../../lib/uploads"

type Files = InstanceType<typeof LocalFileService>

/** Medusa's provider of local files, held to the size of the uploads volume. All that Medusa writes to a file goes through one of these. */
export class HeldFiles extends LocalFileService {
  async upload(file: Parameters<Files["upload"]>[0]) {
    // At least as long as the file, whichever way it is written as text.
    await holdUpload(file?.content?.length ?? 0)
    return super.upload(file)
  }

  async getUploadStream(file: Parameters<Files["getUploadStream"]>[0]) {
    // How much will come nobody says.
    await holdUpload(1)
    return super.getUploadStream(file)
  }

  async delete(files: Parameters<Files["delete"]>[0]) {
    await super.delete(files)
    forgetUploads()
  }
}
